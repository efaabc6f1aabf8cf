package graph

import "strconv"

// DType is the element type of a tensor. The values are those of
// TensorProto.DataType in onnx.proto (IR version 14), so that a reader needs no
// translation table.
type DType int32

// The element types of ONNX 1.23.
const (
	Undefined DType = iota
	Float32
	Uint8
	Int8
	Uint16
	Int16
	Int32
	Int64
	String
	Bool
	Float16
	Float64
	Uint32
	Uint64
	Complex64
	Complex128
	BFloat16
	Float8E4M3FN
	Float8E4M3FNUZ
	Float8E5M2
	Float8E5M2FNUZ
	Uint4
	Int4
	Float4E2M1
	Float8E8M0
	Uint2
	Int2
	Float6E2M3
	Float6E3M2
	dtypeEnd
)

// dtypeClass groups element types by the arithmetic they do.
type dtypeClass uint8

const (
	classNone dtypeClass = iota
	classFloat
	classSigned
	classUnsigned
	classBool
	classString
	classComplex
)

// dtypeFacts holds, by DType, the name used in reports, the name used by
// TensorProto in lower case, the stored width in bits and the class.
var dtypeFacts = [dtypeEnd]struct {
	name, proto string
	bits        int
	class       dtypeClass
}{
	Undefined:      {"undefined", "undefined", 0, classNone},
	Float32:        {"float32", "float", 32, classFloat},
	Uint8:          {"uint8", "uint8", 8, classUnsigned},
	Int8:           {"int8", "int8", 8, classSigned},
	Uint16:         {"uint16", "uint16", 16, classUnsigned},
	Int16:          {"int16", "int16", 16, classSigned},
	Int32:          {"int32", "int32", 32, classSigned},
	Int64:          {"int64", "int64", 64, classSigned},
	String:         {"string", "string", 0, classString},
	Bool:           {"bool", "bool", 8, classBool},
	Float16:        {"float16", "float16", 16, classFloat},
	Float64:        {"float64", "double", 64, classFloat},
	Uint32:         {"uint32", "uint32", 32, classUnsigned},
	Uint64:         {"uint64", "uint64", 64, classUnsigned},
	Complex64:      {"complex64", "complex64", 64, classComplex},
	Complex128:     {"complex128", "complex128", 128, classComplex},
	BFloat16:       {"bfloat16", "bfloat16", 16, classFloat},
	Float8E4M3FN:   {"float8e4m3fn", "float8e4m3fn", 8, classFloat},
	Float8E4M3FNUZ: {"float8e4m3fnuz", "float8e4m3fnuz", 8, classFloat},
	Float8E5M2:     {"float8e5m2", "float8e5m2", 8, classFloat},
	Float8E5M2FNUZ: {"float8e5m2fnuz", "float8e5m2fnuz", 8, classFloat},
	Uint4:          {"uint4", "uint4", 4, classUnsigned},
	Int4:           {"int4", "int4", 4, classSigned},
	Float4E2M1:     {"float4e2m1", "float4e2m1", 4, classFloat},
	Float8E8M0:     {"float8e8m0", "float8e8m0", 8, classFloat},
	Uint2:          {"uint2", "uint2", 2, classUnsigned},
	Int2:           {"int2", "int2", 2, classSigned},
	Float6E2M3:     {"float6e2m3", "float6e2m3", 6, classFloat},
	Float6E3M2:     {"float6e3m2", "float6e3m2", 6, classFloat},
}

// Valid reports whether d is an element type that ONNX defines (Undefined is
// not one).
func (d DType) Valid() bool { return d > Undefined && d < dtypeEnd }

// String returns the name used in reports: float32 and float64, otherwise
// TensorProto's name in lower case. An unknown number prints as "dtype(N)".
func (d DType) String() string {
	if d < 0 || d >= dtypeEnd {
		return "dtype(" + strconv.Itoa(int(d)) + ")"
	}
	return dtypeFacts[d].name
}

// Bits returns the stored width of one element in bits; 0 for strings and
// unknown types, whose width is not fixed.
func (d DType) Bits() int {
	if d < 0 || d >= dtypeEnd {
		return 0
	}
	return dtypeFacts[d].bits
}

func (d DType) class() dtypeClass {
	if d < 0 || d >= dtypeEnd {
		return classNone
	}
	return dtypeFacts[d].class
}

// IsFloat reports whether d is a real floating-point type of any width.
func (d DType) IsFloat() bool { return d.class() == classFloat }

// IsInt reports whether d is a signed or unsigned integer type (bool is not).
func (d DType) IsInt() bool { return d.class() == classSigned || d.class() == classUnsigned }

// IsUnsigned reports whether d is an unsigned integer type.
func (d DType) IsUnsigned() bool { return d.class() == classUnsigned }

// IsComplex reports whether d is a complex type.
func (d DType) IsComplex() bool { return d.class() == classComplex }

// Bytes returns the stored size of n elements: ceil(n*bits/8), as ONNX packs
// sub-byte types. Strings count as zero: their width is not in the type.
func (d DType) Bytes(n Dim) Dim {
	bits := d.Bits()
	if bits%8 == 0 {
		return n.MulInt(int64(bits / 8))
	}
	return n.MulInt(int64(bits)).CeilDiv(Int(8))
}

// ParseDType returns the type of a name, in the spelling of reports ("float32")
// or of TensorProto ("float", "double"), and false when there is none.
func ParseDType(name string) (DType, bool) {
	for d := Float32; d < dtypeEnd; d++ {
		if name == dtypeFacts[d].name || name == dtypeFacts[d].proto {
			return d, true
		}
	}
	return Undefined, false
}

// ProtoName returns TensorProto's own name in lower case ("float", "double",
// "float16"), the spelling of the textual syntax.
func (d DType) ProtoName() string {
	if d < 0 || d >= dtypeEnd {
		return d.String()
	}
	return dtypeFacts[d].proto
}
