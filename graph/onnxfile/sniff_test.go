package onnxfile

import (
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	for _, c := range []struct {
		head string
		want Format
	}{
		{"", Binary},
		{"\x08\x08\x12\x07pytorch", Binary},
		{"\n\x00\x00", Binary}, // a line feed, but no text
		{"<\n  ir_version: 8,\n  opset_import: [\"\" : 17]\n>\ng (float[N] X) => (float[N] Y) {}", Text},
		{"# a comment\n// another\n\n<ir_version: 8>", Text},
		{"\xef\xbb\xbf<ir_version: 8>", Text},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", GitLFS},
		{"\x1f\x8b\x08\x00", Gzip},
		{"PK\x03\x04\x00\x00", Zip},
		{"\x3c\x00\x00\x00\x00\x00\x00\x00{\"w\":{}}", Safetensors},
		{"ir_version: 8\ngraph { }", ProtoText},
		{"graph {\n node {", ProtoText},
		{"\x89HDF\r\n\x1a\n\x00", HDF5},
		{"\x1c\x00\x00\x00TFL3", TFLite},
		{"\x20\x00\x00\x00ORTM", ORT},
		{"<!DOCTYPE html>", HTML},
		{"<?xml version=\"1.0\"?>", HTML},
		{"<HTML><body>", HTML},
		{"{\"a\": 1}", JSON},
		{"hello, world", OtherText},
		{"# only a comment", Binary},
		{"text then a cut character \xe2\x82", Binary},
		{"text then a character cut short \xe2", Binary},
		{strings.Repeat("a", SniffLen-1) + "\xe2", OtherText},
	} {
		if got := Sniff([]byte(c.head)); got != c.want {
			t.Errorf("%.40q: got %d, want %d", c.head, got, c.want)
		}
		if err := c.want.Err("m.onnx"); (err == nil) != (c.want == Binary) {
			t.Errorf("%d: error %v", c.want, err)
		}
	}
}

func TestReadSaysWhatTheFileIs(t *testing.T) {
	for head, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\n": "Git LFS pointer",
		"\x1f\x8b\x08":                         "gzip",
		"<ir_version: 8>\ng () => () {}":       "ONNX text syntax",
		"graph { node { op_type: \"Conv\" } }": "protobuf text format",
		"no model":                             "a text file",
	} {
		if _, err := read([]byte(head)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", head, err)
		}
	}
}
