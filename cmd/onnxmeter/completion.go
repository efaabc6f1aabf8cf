package main

import (
	"github.com/spf13/cobra"

	"github.com/onnxmeter/onnxmeter/counters/convention"
	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/counters/training"
)

// shells are the shells that completion scripts are made for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completionCommand prints the completion script of a shell.
func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script for " + orList(shells),
		Long: `Print the completion script for a shell. To use it:

  bash        source <(onnxmeter completion bash)
  zsh         onnxmeter completion zsh > "${fpath[1]}/_onnxmeter"
  fish        onnxmeter completion fish > ~/.config/fish/completions/onnxmeter.fish
  powershell  onnxmeter completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("completion takes one shell: %s", orList(shells))
			}
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return unknownName("shell", args[0], shells)
		},
	}
}

// completeNames completes arguments from a list that is made only when it is asked for.
func completeNames(list func() []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list(), cobra.ShellCompDirectiveNoFileComp
	}
}

// choices makes a fixed list of values one that completes.
func choices(list ...string) func() []string { return func() []string { return list } }

// flagWords lists the values of flags that take words, whatever verb has them.
var flagWords = map[string]func() []string{
	"gpu": deviceIDs, "zone": zoneIDs, "precision": energy.Precisions,
	"convention":   convention.Names,
	"conventions":  func() []string { return append([]string{"all"}, convention.Names()...) },
	"energy-model": energy.EnergyModels,
	"optimizer":    training.Optimizers,
	"columns":      render.PaperColumns,
	"form":         formNames,
	"split":        choices(validationSplits...),
	"mode":         choices(energy.Eager, energy.Fused),
	"sort":         choices(render.SortKeys...),
	"qdq":          choices("fold", "literal"),
	"padding":      choices("full", "exact"),
	"causal":       choices("full", "half"),
	"curve":        choices(curveKinds...),
	"log":          choices(render.LogAxes...),
}

// completeFlags completes the values of flags that take words, of a command and of
// those below it.
func completeFlags(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		completeFlags(c)
	}
	complete := func(flag string, list func() []string) {
		if cmd.Flags().Lookup(flag) != nil {
			cmd.RegisterFlagCompletionFunc(flag, completeNames(list))
		}
	}
	for flag, list := range flagWords {
		complete(flag, list)
	}
	complete("format", func() []string { return cmd.Flags().Lookup("format").Annotations[kindsKey] })
	complete("by", choices(verbGroupings(cmd)...))
}

// verbGroupings lists what --by of a verb takes.
func verbGroupings(cmd *cobra.Command) []string {
	if cmd.Name() == "compare" {
		return compareGroupings
	}
	return render.Groupings
}
