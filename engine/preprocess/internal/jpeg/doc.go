// Package jpeg decodes JPEG pictures to the bits that libjpeg-turbo gives with
// its default settings: the accurate integer inverse DCT, and, through the
// factors of the planes that it returns, the same interpolation of chroma.
//
// It reads what is found in files and not only what is common: sequential and
// progressive pictures, Huffman and arithmetic coding, one to four components
// with any sampling factors, scans in any order, restart markers, and frames of
// cameras that leave out the Huffman tables. As libjpeg does, it completes a
// scan that ends early with grey, and skips over damage to the next restart
// marker. A file that ends in the middle of a scan is an error.
//
// The inverse DCT can give the picture at 1/2, 1/4 or 1/8 of its size; that too
// agrees with libjpeg's bits, and with Pillow's draft mode.
//
// The decoder follows ITU-T Recommendation T.81 (1992), and T.871 for JFIF.
package jpeg
