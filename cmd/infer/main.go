// Command infer classifies pictures with a riffle model, and brings models in.
//
//	infer picture.png
//	infer convert model.onnx -o model.rfl
//	infer eval -m model.rfl -cifar10 DIR
//
// infer -h describes every command. Exit status: 0 all well, 1 some picture or
// input failed, 2 wrong usage, 3 a model that cannot be used, 130 interrupted.
package main

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/command"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

func main() { cli.Main(command.Run) }
