package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/ops"
)

// versionCommand prints the versions of the program and of its tables.
func (a *app) versionCommand() *cobra.Command {
	var out outputFlags
	kinds := []string{"text", "json"}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the program, the operator table and the coefficients",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			return a.emit(&out, kinds, func(s sink) error {
				if s.kind == "json" {
					return render.VersionJSON(s.w, tool(), runtime.Version())
				}
				t := tool()
				_, err := fmt.Fprintf(s.w, "onnxmeter %s\noperators %s (ai.onnx to opset %d)\ncoefficients %s\n%s\n",
					t.Version, t.Operators, ops.LatestOpset, t.Coefficients, runtime.Version())
				return err
			})
		},
	}
	out.register(cmd.Flags(), kinds...)
	return cmd
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument, %q is given", cmd.Name(), args[0])
	}
	return nil
}

// tool names the versions that every report rests on.
func tool() render.Tool {
	return render.Tool{Version: version(), Operators: ops.Version, Coefficients: energy.Version()}
}

// version is the version of this program: that of its module, or of the commit it
// was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return strings.TrimPrefix(v, "v")
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = "-" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	return "devel" + revision + dirty
}
