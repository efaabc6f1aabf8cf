package main

import "github.com/onnxmeter/onnxmeter/graph"

// didYouMean words the nearest names, "" if none is near.
func didYouMean(name string, pool []string) string { return graph.DidYouMean(name, pool) }

// orList joins words as "a, b or c".
func orList(words []string) string { return graph.OrList(words) }

// unknownName is the error of a word that is none of a short list.
func unknownName(what, name string, all []string) error {
	return usagef("unknown %s %q (expected %s%s)", what, name, orList(all), graph.OrNearest(name, all))
}
