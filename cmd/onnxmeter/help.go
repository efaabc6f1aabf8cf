package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width that the help of flags is wrapped at.
const helpWidth = 100

const intro = `onnxmeter counts what an ONNX model costs, without running it and without its weights:
parameters, MACs, FLOPs, memory traffic and peak memory, per node and as formulas in open dims;
from them energy and CO2e on a GPU.

  onnxmeter model.onnx
  onnxmeter model.onnx --dim batch=1 --gpu rtx-4090
`

const exitHelp = `Exit codes
  0 ok   1 over budget   2 usage or configuration   3 bad model   4 not exact, with --strict or a budget
  5 output failed   130 interrupted
`

// sectionKey annotates a flag with the title that it is listed under.
const sectionKey = "onnxmeter_section"

// section registers flags under a title of the help.
func section(f *pflag.FlagSet, title string, register func(*pflag.FlagSet)) {
	part := pflag.NewFlagSet(title, pflag.ContinueOnError)
	part.SortFlags = false
	register(part)
	part.VisitAll(func(fl *pflag.Flag) { part.SetAnnotation(fl.Name, sectionKey, []string{title}) })
	f.SortFlags = false
	f.AddFlagSet(part)
}

// help prints the help of a command: of the root the verbs, of a verb its flags.
func help(w io.Writer, cmd *cobra.Command) {
	if !cmd.HasParent() {
		rootHelp(w, cmd)
		return
	}
	fmt.Fprintf(w, "%s\n\nUsage\n  %s\n", about(cmd), cmd.UseLine())
	if cmd.HasSubCommands() {
		fmt.Fprintf(w, "\nVerbs\n")
		listVerbs(w, cmd)
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples\n%s\n", cmd.Example)
	}
	var titles []string
	parts := map[string]*pflag.FlagSet{}
	add := func(fl *pflag.Flag) {
		title := "Flags"
		if t := fl.Annotations[sectionKey]; t != nil {
			title = t[0]
		}
		if parts[title] == nil {
			titles = append(titles, title)
			parts[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			parts[title].SortFlags = false
		}
		parts[title].AddFlag(fl)
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	for _, t := range titles {
		fmt.Fprintf(w, "\n%s\n%s", t, parts[t].FlagUsagesWrapped(helpWidth))
	}
}

func about(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return cmd.Long
	}
	return cmd.Short + "."
}

func rootHelp(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, "%s\nUsage\n  onnxmeter [VERB] [ARGUMENT...] [FLAG...]\n\nVerbs\n", intro)
	listVerbs(w, root)
	fmt.Fprintf(w, "\nA model is a file (binary ONNX or ONNX text, told by its content), a directory, a glob, or - for\nstandard input. The verb count is the default when the first argument is a file.\n\n%s\n", exitHelp)
	fmt.Fprintln(w, "onnxmeter help VERB lists the flags of a verb.")
}

func listVerbs(w io.Writer, parent *cobra.Command) {
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			fmt.Fprintf(w, "  %-11s %s\n", c.Name(), strings.TrimSuffix(c.Short, "."))
		}
	}
}

// helpCommand prints the help of a verb.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Explain a verb and its flags",
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			if len(args) == 0 {
				help(a.stdout, root)
				return nil
			}
			target, rest, err := root.Find(args)
			switch {
			case err != nil || target == root:
				return unknownVerb(root, args[0])
			case len(rest) > 0 && target.HasSubCommands():
				return unknownVerb(target, rest[0])
			case len(rest) > 0:
				return usagef("help takes one verb, %q is given too", rest[0])
			}
			help(a.stdout, target)
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return verbs(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
	}
}
