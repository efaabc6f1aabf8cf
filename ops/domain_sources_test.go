package ops

// domainsByDoing are byDoing for operators outside ai.onnx.
var domainsByDoing = map[string][]string{
	"TestScalersByDoing":       {"ai.onnx.ml.Binarizer", "ai.onnx.ml.Imputer", "ai.onnx.ml.Normalizer", "ai.onnx.ml.Scaler"},
	"TestLookUpsByDoing":       {"ai.onnx.ml.CategoryMapper", "ai.onnx.ml.LabelEncoder", "ai.onnx.ml.OneHotEncoder"},
	"TestLinearModelsByDoing":  {"ai.onnx.ml.LinearClassifier", "ai.onnx.ml.LinearRegressor"},
	"TestSVMRegressorByDoing":  {"ai.onnx.ml.SVMRegressor"},
	"TestSVMClassifierByDoing": {"ai.onnx.ml.SVMClassifier"},
	"TestTreesByDoing":         {"ai.onnx.ml.TreeEnsembleClassifier", "ai.onnx.ml.TreeEnsembleRegressor"},
	"TestTreeEnsembleByDoing":  {"ai.onnx.ml.TreeEnsemble"},

	"TestFiniteByDoing":          {"com.microsoft.IsAllFinite"},
	"TestDistancesByDoing":       {"com.microsoft.CDist"},
	"TestSparseProductByDoing":   {"com.microsoft.SparseToDenseMatMul"},
	"TestSparseScoresByDoing":    {"com.microsoft.DynamicSparseAttention", "com.microsoft.PagedAttention", "com.microsoft.SparseAttention", "com.microsoft.SparsePagedAttention"},
	"TestPackedAttentionByDoing": {"com.microsoft.PackedAttention", "com.microsoft.PackedMultiHeadAttention"},
	"TestLongformerByDoing":      {"com.microsoft.LongformerAttention", "com.microsoft.QOrderedLongformerAttention"},
	"TestDeltaNetByDoing":        {"com.microsoft.GatedDeltaNet"},
	"TestPositionBucketsByDoing": {"com.microsoft.RelativePositionBias"},
	"TestExpertsByDoing":         {"com.microsoft.MoE"},
	"TestBlockedUpsampleByDoing": {"com.microsoft.nchwc.Upsample"},
	"TestCropsByDoing":           {"com.microsoft.CropAndResize"},
	"TestBlockFloatsByDoing":     {"com.microsoft.DequantizeBFP", "com.microsoft.QuantizeBFP"},
}
