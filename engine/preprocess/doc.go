// Package preprocess turns pictures into a network's input, so that the network
// sees what it saw in training: Pillow's decoding and resize, torchvision's
// crop and normalisation.
//
// [Decode] reads PNG, JPEG, GIF and WebP under limits and applies the EXIF
// orientation. A [Preprocessor] resizes, crops and normalises into planar
// float32. Neither keeps a reference to what it was given.
//
// # What agrees with what
//
// Given the same pixels, the result equals, bit for bit, that of torchvision's
// Resize, CenterCrop, ToTensor and Normalize on a Pillow picture: the resize is
// Pillow's antialiased bilinear filter with its fixed-point arithmetic, the
// sizes and the crop round as torchvision rounds, the normalisation is float32
// (v/255 - mean) / std in that order.
//
// The pixels themselves are those of Pillow's convert("RGB"): alpha is dropped
// (not blended), grey is repeated, a palette is looked up, 16-bit channels keep
// their high byte, CMYK is (255-C)(255-K)/255. Subsampled chroma of a JPEG is
// interpolated as libjpeg does, that of a WebP as libwebp does, and not
// repeated as the image package's At would. So a decoded PNG, GIF or WebP equals
// Pillow's exactly; a JPEG differs by at most 3 levels where the inverse DCTs
// round apart (on 41 photographs of ImageNet: 97.5 % of the values equal, mean
// difference 0.03; through At it would be up to 35, mean 0.35). One difference is meant: Pillow clips
// 16-bit grey at 255, which turns nearly every picture white; here its high
// byte is kept, as for colour. Animated GIFs give their first frame; animated
// WebPs are not supported.
package preprocess
