module github.com/onnxmeter/onnxmeter

go 1.25.0
