package counters_test

import (
	"fmt"
	"log"
	"os"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph/onnxtext"
)

// A model in text form is counted like a binary one, for which onnxfile.Open takes
// the place of onnxtext.Parse.
func Example() {
	path := "../fixtures/models/resnet50.onnxtxt"
	src, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	model, err := onnxtext.Parse(src, path)
	if err != nil {
		log.Fatal(err)
	}
	report, err := counters.Count(model, counters.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Totals.Params, report.Totals.MACs(), report.Coverage.Status)
	// Output: 25557032 4089184256 exact
}
