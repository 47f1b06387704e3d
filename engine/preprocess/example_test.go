package preprocess_test

import (
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

// A stranger's upload, under limits, and as the input of a network trained on
// ImageNet.
func Example() {
	b, err := os.ReadFile("testdata/pictures/rgb.png")
	if err != nil {
		log.Fatal(err)
	}
	img, format, err := preprocess.DecodeBytes(b, preprocess.Options{MaxPixels: 1 << 20})
	if err != nil {
		log.Fatal(err)
	}
	p, err := preprocess.New(&weights.Preprocess{
		Resize: 256, Crop: [2]int{224, 224}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225},
	})
	if err != nil {
		log.Fatal(err)
	}
	c, h, w := p.Shape()
	dst := make([]float32, c*h*w)
	if err := p.Apply(dst, img); err != nil {
		log.Fatal(err)
	}
	fmt.Println(format, len(dst))
	// Output: png 150528
}

// A picture that is too large is refused before its pixels are allocated.
func ExampleLimitError() {
	b, err := os.ReadFile("testdata/pictures/rgb.png")
	if err != nil {
		log.Fatal(err)
	}
	_, _, err = preprocess.DecodeBytes(b, preprocess.Options{MaxPixels: 100})
	var limit *preprocess.LimitError
	if errors.As(err, &limit) {
		fmt.Println("more than", limit.Limit, limit.Unit)
	}
	// Output: more than 100 pixels
}
