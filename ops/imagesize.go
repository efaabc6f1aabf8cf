package ops

import (
	"bytes"
	enc "encoding/binary"
	"image"
	_ "image/jpeg" // registers the format
	_ "image/png"  // registers the format
)

// imageSize returns the width and height that the header of an encoded picture
// states, for the formats of ImageDecoder: BMP, JPEG, JPEG 2000, TIFF, PNG, WebP
// and the portable formats. Each layout is that of the format's own definition.
func imageSize(b []byte) (w, h int64, ok bool) {
	for _, format := range []func([]byte) (int64, int64, bool){bmpSize, jpeg2000Size, tiffSize, webpSize, pnmSize} {
		if w, h, ok = format(b); ok {
			return w, h, w > 0 && h > 0
		}
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(b))
	return int64(cfg.Width), int64(cfg.Height), err == nil
}

// bmpSize reads BITMAPINFOHEADER; a negative height is stored top down.
func bmpSize(b []byte) (w, h int64, ok bool) {
	if len(b) < 26 || string(b[:2]) != "BM" || enc.LittleEndian.Uint32(b[14:]) < 40 {
		return 0, 0, false
	}
	w, h = int64(int32(enc.LittleEndian.Uint32(b[18:]))), int64(int32(enc.LittleEndian.Uint32(b[22:])))
	return w, max(h, -h), true
}

// jpeg2000Size reads the SIZ marker that follows the start of a code stream, which
// may lie within a box of a JP2 file: the image area less its offset.
func jpeg2000Size(b []byte) (w, h int64, ok bool) {
	at := bytes.Index(b, []byte{0xff, 0x4f, 0xff, 0x51})
	isFile := len(b) > 8 && string(b[4:8]) == "jP  "
	if at < 0 || at != 0 && !isFile || len(b) < at+24 {
		return 0, 0, false
	}
	word := func(i int) int64 { return int64(enc.BigEndian.Uint32(b[at+8+4*i:])) }
	return word(0) - word(2), word(1) - word(3), true
}

// tiffSize reads the tags 256 and 257 of the first directory.
func tiffSize(b []byte) (w, h int64, ok bool) {
	var order enc.ByteOrder = enc.LittleEndian
	switch {
	case len(b) < 8:
		return 0, 0, false
	case string(b[:4]) == "MM\x00*":
		order = enc.BigEndian
	case string(b[:4]) != "II*\x00":
		return 0, 0, false
	}
	dir := int64(order.Uint32(b[4:]))
	if dir+2 > int64(len(b)) {
		return 0, 0, false
	}
	n := int64(order.Uint16(b[dir:]))
	for i := int64(0); i < n && dir+2+12*(i+1) <= int64(len(b)); i++ {
		e := b[dir+2+12*i:]
		v := int64(order.Uint32(e[8:]))
		if order.Uint16(e[2:]) == 3 { // SHORT
			v = int64(order.Uint16(e[8:]))
		}
		switch order.Uint16(e) {
		case 256:
			w = v
		case 257:
			h = v
		}
	}
	return w, h, w > 0 && h > 0
}

// webpSize reads the first chunk of a RIFF file: lossy, lossless or extended.
func webpSize(b []byte) (w, h int64, ok bool) {
	if len(b) < 30 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return 0, 0, false
	}
	switch string(b[12:16]) {
	case "VP8 ":
		return int64(enc.LittleEndian.Uint16(b[26:]) & 0x3fff), int64(enc.LittleEndian.Uint16(b[28:]) & 0x3fff), true
	case "VP8L":
		bits := enc.LittleEndian.Uint32(b[21:])
		return int64(bits&0x3fff) + 1, int64(bits>>14&0x3fff) + 1, true
	case "VP8X":
		three := func(i int) int64 { return int64(b[i]) | int64(b[i+1])<<8 | int64(b[i+2])<<16 }
		return three(24) + 1, three(27) + 1, true
	}
	return 0, 0, false
}

// pnmSize reads the header of P1 to P6: width and height in decimal, separated by
// white space and comments.
func pnmSize(b []byte) (w, h int64, ok bool) {
	if len(b) < 3 || b[0] != 'P' || b[1] < '1' || b[1] > '6' {
		return 0, 0, false
	}
	b = b[2:]
	if w, b, ok = pnmNumber(b); ok {
		h, _, ok = pnmNumber(b)
	}
	return w, h, ok
}

func pnmNumber(b []byte) (n int64, rest []byte, ok bool) {
	for len(b) > 0 && (b[0] == '#' || b[0] == ' ' || b[0] >= '\t' && b[0] <= '\r') {
		end := 1
		if b[0] == '#' {
			if end = bytes.IndexByte(b, '\n') + 1; end == 0 {
				return 0, nil, false
			}
		}
		b = b[end:]
	}
	i := 0
	for ; i < len(b) && i < 10 && b[i] >= '0' && b[i] <= '9'; i++ {
		n = 10*n + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}
