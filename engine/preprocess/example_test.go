package preprocess_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

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

// A camera's frame: 640 x 480 pixels in NV12, rows padded to 1,024 bytes. It is read
// in place; a server keeps one Preprocessor for each worker and allocates nothing.
func ExampleFrame() {
	buffer := make([]byte, 1024*480*3/2) // what the camera's driver gave
	frame := &preprocess.Frame{
		Layout: preprocess.NV12, Width: 640, Height: 480,
		Planes:  [3][]byte{buffer[:1024*480], buffer[1024*480:]},
		Strides: [3]int{1024, 1024},
		Video:   true,
	}
	p, err := preprocess.New(&weights.Preprocess{
		Crop: [2]int{224, 224}, Letterbox: []int{114, 114, 114}, Filter: "bicubic", Order: "rgb",
		Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dst := make([]float32, 3*224*224)
	if err := p.ApplyContext(ctx, dst, frame); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("margin %.3f, picture %.3f\n", dst[0], dst[112*224])
	// Output: margin 0.447, picture 0.000
}

// A large JPEG, decoded no larger than the network wants it.
func ExamplePreprocessor_Draft() {
	b, err := os.ReadFile("testdata/kinds/factors_2x2.jpg") // 43 x 37 pixels
	if err != nil {
		log.Fatal(err)
	}
	p, err := preprocess.New(&weights.Preprocess{
		Resize: 9, Crop: [2]int{8, 8}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	img, _, err := preprocess.DecodeBytes(b, preprocess.Options{Draft: p.Draft()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(img.Bounds().Size())
	// Output: (22,19)
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
