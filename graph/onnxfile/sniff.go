package onnxfile

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"unicode/utf8"

	"github.com/onnxmeter/onnxmeter/graph"
)

// Format is what the first bytes of a file look like.
type Format uint8

// The formats that Sniff tells apart.
const (
	// Binary is a serialized ModelProto, or bytes that cannot be told from one.
	Binary Format = iota
	// Text is the ONNX textual syntax; package onnxtext reads it.
	Text
	GitLFS
	Gzip
	Zip
	Safetensors
	ProtoText
	HDF5
	TFLite
	ORT
	HTML
	JSON
	OtherText
)

// SniffLen is how many bytes Sniff wants to see.
const SniffLen = 4096

// problems holds what to say about files that are no ONNX model.
var problems = [...]string{
	Binary:      "",
	Text:        "ONNX text syntax, not a binary model (read it with package onnxtext)",
	GitLFS:      "a Git LFS pointer, not the model itself (fetch it with: git lfs pull)",
	Gzip:        "a gzip file (decompress it first)",
	Zip:         "a zip archive, such as a PyTorch checkpoint (expected an ONNX model)",
	Safetensors: "a safetensors file, which has weights but no graph (expected an ONNX model)",
	ProtoText:   "protobuf text format (expected binary ONNX or the ONNX text syntax)",
	HDF5:        "an HDF5 file, such as a Keras model (expected an ONNX model)",
	TFLite:      "a TensorFlow Lite model (expected an ONNX model)",
	ORT:         "an ORT format model (expected the ONNX model that it was made from)",
	HTML:        "an HTML page, perhaps instead of a download (expected an ONNX model)",
	JSON:        "a JSON file (expected an ONNX model)",
	OtherText:   "a text file (expected binary ONNX or the ONNX text syntax)",
}

// Err returns the error of a file that has format f and path as its name, nil
// for Binary.
func (f Format) Err(path string) error {
	if f == Binary || int(f) >= len(problems) {
		return nil
	}
	e := graph.Errorf("the file is %s", problems[f])
	e.File = path
	return e
}

var protoText = regexp.MustCompile(`^(ir_version|opset_import|graph|producer_name|producer_version|domain|model_version|doc_string|metadata_props|functions|node)\s*[:{]`)

// Sniff tells the format from the first bytes of a file, SniffLen of them or all.
func Sniff(head []byte) Format {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return Gzip
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return Zip
	case bytes.HasPrefix(head, []byte("\x89HDF\r\n\x1a\n")):
		return HDF5
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		return TFLite
	case len(head) >= 8 && string(head[4:8]) == "ORTM":
		return ORT
	case len(head) >= 10 && binary.LittleEndian.Uint64(head) < 1<<32 && head[8] == '{' && (head[9] == '"' || head[9] == '}'):
		return Safetensors
	case !printable(head):
		return Binary
	}
	return sniffText(body(head))
}

// sniffText tells kinds of text apart.
func sniffText(head []byte) Format {
	switch {
	case len(head) == 0:
		return Binary
	case bytes.HasPrefix(head, []byte("version https://git-lfs")):
		return GitLFS
	case protoText.Match(head):
		return ProtoText
	case head[0] == '{' || head[0] == '[':
		return JSON
	case head[0] == '<' && len(head) > 1 && (head[1] == '!' || head[1] == '?' || bytes.HasPrefix(bytes.ToLower(head), []byte("<html"))):
		return HTML
	case head[0] == '<':
		return Text
	}
	return OtherText
}

// body drops a byte order mark, white space and comments from the front.
func body(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		if len(b) == 0 || b[0] != '#' && !bytes.HasPrefix(b, []byte("//")) {
			return b
		}
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return nil
		}
		b = b[end:]
	}
}

// printable reports whether b is UTF-8 text without control characters, but for
// a character cut at the end.
func printable(b []byte) bool {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n <= 1 && (utf8.FullRune(b[i:]) || len(b) < SniffLen):
			return false
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0x7f:
			return false
		}
		i += n
	}
	return true
}
