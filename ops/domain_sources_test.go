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
}
