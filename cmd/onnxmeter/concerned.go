package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/onnxmeter/onnxmeter/counters/budget"
)

// concerned replaces arguments of check that are no models by those that they concern:
// pre-commit names every file that changed. External data stands for the models
// beside it, or above it where there are none; the configuration and the baseline stand
// for every model, and then all is true. Data without a model stays, to be refused.
func concerned(args []string) (models []string, all bool) {
	var data []string
	for _, arg := range args {
		switch base := filepath.Base(arg); {
		case base == budget.ConfigName || base == budget.BaselineName:
			all = true
		case externalData.MatchString(base):
			data = append(data, arg)
		default:
			models = append(models, arg)
		}
	}
	for _, d := range data {
		found := modelsAbove(d)
		if len(found) == 0 {
			found = []string{d}
		}
		for _, m := range found {
			if !slices.Contains(models, m) {
				models = append(models, m)
			}
		}
	}
	return models, all
}

// externalData matches the names that exporters give to the weights beside a model.
var externalData = regexp.MustCompile(`\.onnx[._]data[^/]*$`)

// modelsAbove lists the models in the folder of a file, or in the nearest one above it,
// not above the working directory, that has any.
func modelsAbove(file string) []string {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		var found []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if isModelName(e.Name()) && !e.IsDir() {
				found = append(found, filepath.Join(dir, e.Name()))
			}
		}
		if len(found) > 0 || dir == "." || !filepath.IsLocal(dir) {
			return found
		}
	}
}
