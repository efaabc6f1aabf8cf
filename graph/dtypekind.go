package graph

import "reflect"

// kinds maps the kinds of Go's types to element types.
var kinds = map[reflect.Kind]DType{
	reflect.Bool:       Bool,
	reflect.Int8:       Int8,
	reflect.Int16:      Int16,
	reflect.Int32:      Int32,
	reflect.Int64:      Int64,
	reflect.Uint8:      Uint8,
	reflect.Uint16:     Uint16,
	reflect.Uint32:     Uint32,
	reflect.Uint64:     Uint64,
	reflect.Float32:    Float32,
	reflect.Float64:    Float64,
	reflect.Complex64:  Complex64,
	reflect.Complex128: Complex128,
	reflect.String:     String,
}

// DTypeOfKind returns the element type that Go's type of a kind is, Undefined if ONNX
// has none like it.
func DTypeOfKind(k reflect.Kind) DType { return kinds[k] }
