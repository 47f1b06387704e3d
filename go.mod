module github.com/riffle-ml/riffle

go 1.26
