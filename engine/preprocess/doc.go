// Package preprocess turns pictures into a network's input, so that the network
// sees what it saw in training: Pillow's decoding and resize, torchvision's
// crop and normalisation.
//
// [Decode] reads PNG, JPEG, GIF, WebP, BMP and TIFF under limits and applies the EXIF
// orientation. A [Preprocessor] resizes, crops and normalises into planar
// float32. Neither keeps a reference to what it was given. A [Frame] is a picture in
// a buffer of the caller's, from a camera or a video, that is read in place.
// Functions whose names end in Context stop when their context does.
//
// # What agrees with what
//
// Given the same pixels, the result equals, bit for bit, that of torchvision's
// Resize, CenterCrop, ToTensor and Normalize on a Pillow picture: the resize is
// Pillow's antialiased bilinear or bicubic filter with its fixed-point arithmetic, the
// sizes and the crop round as torchvision rounds, the normalisation is float32
// (v/255 - mean) / std in that order. A letterbox equals Pillow's ImageOps.pad.
// Pictures are resized along x first and then along y, as Pillow did up to version 12;
// later ones take y first for some tall pictures, which moves a few values by a level.
// Pictures of which a pixel of the output stands for thousands along one axis are
// first reduced by whole numbers, which moves values by a level or two.
//
// The pixels themselves are those of Pillow's convert("RGB"), to the bit, for every
// format: alpha is dropped (not blended), grey is repeated, a palette is looked up,
// 16-bit channels keep their high byte, CMYK is (255-C)(255-K)/255. Subsampled chroma of
// a JPEG is interpolated as libjpeg does, that of a WebP as libwebp does, and not
// repeated as the image package's At would. JPEGs are decoded here, with the bits of
// libjpeg-turbo; [Options].Draft has them reduced while they are decoded, as Pillow's
// Image.draft does. One difference is meant: Pillow clips
// 16-bit grey at 255, which turns nearly every picture white; here its high
// byte is kept, as for colour. Animated GIFs and WebPs give their first picture.
//
// # What is read, and what is not
//
// Files are read that other decoders refuse, as long as their pixels are whole: JPEGs
// with any sampling factors, arithmetic coding, or without Huffman tables; PNGs with
// wrong checksums, or without an end; GIFs whose frame is larger than their screen.
// Where a JPEG's data is damaged, it is completed as libjpeg does it. A file that
// breaks off is an error.
//
// HEIC, AVIF, JPEG XL, SVG, PDF and other formats are named and not read, nor are
// JPEGs of 12 bits or of lossless coding: [ErrUnsupported].
//
// # What it costs
//
// Limits on pixels, bytes and memory are checked before anything is decoded. The time
// grows with the pixels, the memory of a [Preprocessor] with its output alone.
package preprocess
