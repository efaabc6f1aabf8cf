package graph

// The limits that keep hostile input from costing more than it is worth. They
// stand in one place; each is tested at the limit and one past it.
const (
	// MaxStructureBytes bounds all bytes of a file but the skipped payloads of tensors.
	MaxStructureBytes = 1<<31 - 1
	// MaxIRVersion is the newest IR version that is known (ONNX 1.23).
	MaxIRVersion = 14
	// MaxWarnings bounds the remarks of a front end about one file.
	MaxWarnings = 50
	// MaxMessageDepth bounds the nesting of protobuf messages and of text blocks.
	MaxMessageDepth = 512
	// MaxGraphDepth bounds the nesting of subgraphs.
	MaxGraphDepth = 64
	// MaxFunctions bounds the local functions of a model.
	MaxFunctions = 10_000
	// MaxCallDepth bounds the nesting of function calls.
	MaxCallDepth = 100
	// MaxRank bounds the rank of a tensor.
	MaxRank = 1024
	// MaxFoldElements bounds the elements of one tensor whose values are propagated.
	MaxFoldElements = 65_536
	// MaxFoldTotal bounds the propagated elements of a whole model.
	MaxFoldTotal = 1_000_000
)
