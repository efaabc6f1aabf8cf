package onnxfile

import "google.golang.org/protobuf/encoding/protowire"

// A key is a field number with its wire type, as it stands before a field's
// value: number<<3 | type.
type key = uint64

const (
	varint  = key(protowire.VarintType)
	fixed32 = key(protowire.Fixed32Type)
	fixed64 = key(protowire.Fixed64Type)
	length  = key(protowire.BytesType)
)

// The fields of ModelProto that are read.
const (
	modelIRVersion       = 1<<3 | varint
	modelProducer        = 2<<3 | length
	modelProducerVersion = 3<<3 | length
	modelDomain          = 4<<3 | length
	modelVersion         = 5<<3 | varint
	modelGraph           = 7<<3 | length
	modelOpsetImport     = 8<<3 | length
	modelMetadata        = 14<<3 | length
	modelTraining        = 20<<3 | length
	modelFunctions       = 25<<3 | length
)

// OperatorSetIdProto.
const (
	opsetDomain  = 1<<3 | length
	opsetVersion = 2<<3 | varint
)

// StringStringEntryProto.
const (
	pairKey   = 1<<3 | length
	pairValue = 2<<3 | length
)

// FunctionProto.
const (
	functionName        = 1<<3 | length
	functionInput       = 4<<3 | length
	functionOutput      = 5<<3 | length
	functionAttribute   = 6<<3 | length
	functionNode        = 7<<3 | length
	functionOpsetImport = 9<<3 | length
	functionDomain      = 10<<3 | length
	functionDefault     = 11<<3 | length
	functionValueInfo   = 12<<3 | length
	functionOverload    = 13<<3 | length
	functionMetadata    = 14<<3 | length
)

// GraphProto.
const (
	graphNode         = 1<<3 | length
	graphName         = 2<<3 | length
	graphInitializer  = 5<<3 | length
	graphInput        = 11<<3 | length
	graphOutput       = 12<<3 | length
	graphValueInfo    = 13<<3 | length
	graphQuantization = 14<<3 | length
	graphSparse       = 15<<3 | length
	graphMetadata     = 16<<3 | length
)

// TensorAnnotation.
const (
	annotationTensor = 1<<3 | length
	annotationParams = 2<<3 | length
)

// ValueInfoProto.
const (
	valueName     = 1<<3 | length
	valueType     = 2<<3 | length
	valueMetadata = 4<<3 | length
)

// NodeProto.
const (
	nodeInput     = 1<<3 | length
	nodeOutput    = 2<<3 | length
	nodeName      = 3<<3 | length
	nodeOpType    = 4<<3 | length
	nodeAttribute = 5<<3 | length
	nodeDomain    = 7<<3 | length
	nodeOverload  = 8<<3 | length
	nodeMetadata  = 9<<3 | length
)

// AttributeProto.
const (
	attrName      = 1<<3 | length
	attrF         = 2<<3 | fixed32
	attrI         = 3<<3 | varint
	attrS         = 4<<3 | length
	attrT         = 5<<3 | length
	attrG         = 6<<3 | length
	attrFloat     = 7<<3 | fixed32
	attrFloats    = 7<<3 | length // packed
	attrInt       = 8<<3 | varint
	attrInts      = 8<<3 | length // packed
	attrStrings   = 9<<3 | length
	attrTensors   = 10<<3 | length
	attrGraphs    = 11<<3 | length
	attrTypeProto = 14<<3 | length
	attrTypes     = 15<<3 | length
	attrType      = 20<<3 | varint
	attrRef       = 21<<3 | length
	attrSparse    = 22<<3 | length
	attrSparses   = 23<<3 | length
)

// TensorProto. The fields of elements occur packed and one by one.
const (
	tensorDim      = 1<<3 | varint
	tensorDims     = 1<<3 | length // packed
	tensorDataType = 2<<3 | varint
	tensorSegment  = 3<<3 | length
	tensorFloat    = 4<<3 | fixed32
	tensorFloats   = 4<<3 | length // packed
	tensorInt32    = 5<<3 | varint
	tensorInt32s   = 5<<3 | length // packed
	tensorString   = 6<<3 | length
	tensorInt64    = 7<<3 | varint
	tensorInt64s   = 7<<3 | length // packed
	tensorName     = 8<<3 | length
	tensorRaw      = 9<<3 | length
	tensorDouble   = 10<<3 | fixed64
	tensorDoubles  = 10<<3 | length // packed
	tensorUint64   = 11<<3 | varint
	tensorUint64s  = 11<<3 | length // packed
	tensorExternal = 13<<3 | length
	tensorLocation = 14<<3 | varint
	tensorMetadata = 16<<3 | length
)

// SparseTensorProto.
const (
	sparseValues  = 1<<3 | length
	sparseIndices = 2<<3 | length
	sparseDim     = 3<<3 | varint
	sparseDims    = 3<<3 | length // packed
)

// TypeProto and its parts.
const (
	typeTensor     = 1<<3 | length
	typeSequence   = 4<<3 | length
	typeMap        = 5<<3 | length
	typeDenotation = 6<<3 | length
	typeOpaque     = 7<<3 | length
	typeSparse     = 8<<3 | length
	typeOptional   = 9<<3 | length

	tensorTypeElem  = 1<<3 | varint
	tensorTypeShape = 2<<3 | length
	elemType        = 1<<3 | length // of Sequence and Optional
	mapKey          = 1<<3 | varint
	mapValue        = 2<<3 | length
	opaqueDomain    = 1<<3 | length
	opaqueName      = 2<<3 | length

	shapeDim = 1<<3 | length
	dimValue = 1<<3 | varint
	dimParam = 2<<3 | length
)

// SequenceProto, MapProto and OptionalProto of onnx-data.proto. The value
// fields of a SequenceProto (repeated) and an OptionalProto (singular) have the
// same numbers.
const (
	dataName     = 1<<3 | length
	dataTensor   = 3<<3 | length
	dataSparse   = 4<<3 | length
	dataSequence = 5<<3 | length
	dataMap      = 6<<3 | length
	dataOptional = 7<<3 | length

	dataMapKeyType = 2<<3 | varint
	dataMapValues  = 5<<3 | length
)
