package exprgraph_test

import (
	"fmt"
	"log"

	"gorgonia.org/gorgonia"

	"github.com/onnxmeter/onnxmeter/counters"
	"github.com/onnxmeter/onnxmeter/graph/exprgraph"
)

// A program that builds its network with gorgonia counts it before training: here one
// linear layer for a batch of 32, and the same with its gradient.
func Example() {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(32, 100), gorgonia.WithName("x"))
	w := gorgonia.NewMatrix(g, gorgonia.Float32, gorgonia.WithShape(100, 10), gorgonia.WithName("w"))
	y := gorgonia.Must(gorgonia.Mul(x, w))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(y))))
	fmt.Println("forward:", count(g, w, y))

	grads, err := gorgonia.Grad(loss, w)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("a step:", count(g, w, grads[0]))
	// Output:
	// forward: 32000 MACs, 1000 parameters
	// a step: 64000 MACs, 1000 parameters
}

func count(g *gorgonia.ExprGraph, weight, output *gorgonia.Node) string {
	m, err := exprgraph.Model(g, exprgraph.Options{Weights: gorgonia.Nodes{weight}, Outputs: gorgonia.Nodes{output}})
	if err != nil {
		log.Fatal(err)
	}
	r, err := counters.Count(m, counters.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return fmt.Sprintf("%s MACs, %s parameters", r.Totals.MACs(), r.Totals.Params)
}
