package ops

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

// The headers are written by hand from the definitions of the formats, for a
// picture of 300 x 20 (0x12c, 0x14).
func TestImageSize(t *testing.T) {
	pic := image.NewGray(image.Rect(0, 0, 300, 20))
	var pngFile, jpegFile bytes.Buffer
	if err := png.Encode(&pngFile, pic); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&jpegFile, pic, nil); err != nil {
		t.Fatal(err)
	}
	siz := "\xff\x4f\xff\x51\x00\x29\x00\x00" + "\x00\x00\x01\x30" + "\x00\x00\x00\x15" + "\x00\x00\x00\x04" + "\x00\x00\x00\x01"
	for name, b := range map[string]string{
		"png": pngFile.String(), "jpeg": jpegFile.String(),
		"bmp":         "BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x2c\x01\x00\x00\x14\x00\x00\x00",
		"bmp, flip":   "BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x2c\x01\x00\x00\xec\xff\xff\xff",
		"j2k":         siz,
		"jp2":         "\x00\x00\x00\x0cjP  \r\n\x87\n" + siz,
		"tiff":        "II*\x00\x08\x00\x00\x00\x02\x00" + "\x00\x01\x03\x00\x01\x00\x00\x00\x2c\x01\x00\x00" + "\x01\x01\x04\x00\x01\x00\x00\x00\x14\x00\x00\x00",
		"tiff, big":   "MM\x00*\x00\x00\x00\x08\x00\x02" + "\x01\x00\x00\x03\x00\x00\x00\x01\x01\x2c\x00\x00" + "\x01\x01\x00\x04\x00\x00\x00\x01\x00\x00\x00\x14",
		"webp, lossy": "RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x2c\x01\x14\x00",
		"webp, ll":    "RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f\x2b\xc1\x04\x00\x00\x00\x00\x00\x00",
		"webp, ext":   "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x2b\x01\x00\x13\x00\x00",
		"pgm":         "P5 # 1 2\n300\t20 255\n",
	} {
		if w, h, ok := imageSize([]byte(b)); !ok || w != 300 || h != 20 {
			t.Errorf("%s: %d x %d, %t", name, w, h, ok)
		}
		for n := range min(len(b), 60) { // a cut file never panics
			imageSize([]byte(b[:n]))
		}
	}
	for _, b := range []string{"", "P5", "P5 x", "BM", "nothing", "II*\x00\xff\xff\xff\xff"} {
		if w, h, ok := imageSize([]byte(b)); ok {
			t.Errorf("%q: %d x %d", b, w, h)
		}
	}
}
