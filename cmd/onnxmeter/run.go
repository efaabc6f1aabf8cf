package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onnxmeter/onnxmeter/counters/energy"
	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// app is one invocation: its streams and the flags that every verb has.
type app struct {
	stdin  io.Reader
	stdout *checkedWriter
	stderr io.Writer

	quiet   bool
	verbose int
	color   string
}

// run executes one command line and returns the exit code.
func run(stdin io.Reader, stdout, stderr io.Writer, args []string) int {
	a := &app{stdin: stdin, stdout: &checkedWriter{w: stdout}, stderr: stderr}
	stop := onInterrupt()
	defer stop()
	root := a.rootCommand()
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		completeFlags(root)
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if a.stdout.err != nil {
		err = a.stdout.err
	}
	var reported errReported
	if err != nil && !errors.As(err, &reported) {
		a.fail(err)
	}
	return exitCode(err)
}

// onInterrupt ends the program with exit code 130 on SIGINT, and lets writes to a
// closed pipe fail instead of killing the program.
func onInterrupt() (stop func()) {
	signal.Ignore(syscall.SIGPIPE)
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	go func() {
		if _, ok := <-c; ok {
			os.Exit(exitInterrupted)
		}
	}()
	return func() { signal.Stop(c); close(c) }
}

// fail prints an error as one line.
func (a *app) fail(err error) {
	msg := err.Error()
	var output *outputError
	switch {
	case errors.Is(err, syscall.EPIPE):
		return // the reader has left: there is nobody to tell
	case exitCode(err) == exitUsage && !namesItsFile(err):
		msg = "onnxmeter: " + msg + listOf(err)
	case errors.As(err, &output):
		msg = "onnxmeter: cannot write: " + msg
	}
	fmt.Fprintln(a.stderr, render.Line(msg))
}

// namesItsFile reports whether an error begins with the file that it is in.
func namesItsFile(err error) bool {
	var rule *ops.RuleError
	var place *graph.Error
	return errors.As(err, &rule) || errors.As(err, &place) && place.File != ""
}

// listOf points to the list of names behind an unknown one that is near none.
func listOf(err error) string {
	var name *energy.NameError
	if !errors.As(err, &name) || len(name.Candidates) > 0 {
		return ""
	}
	switch name.Kind {
	case "GPU":
		return " (a list of them: onnxmeter gpus)"
	case "zone":
		return " (a list of them: onnxmeter zones)"
	}
	return ""
}

// note prints a remark unless -q is given.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.stderr, render.Line(fmt.Sprintf(format, args...)))
	}
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "onnxmeter",
		Short:         "Count what an ONNX model costs, without running it",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if !slices.Contains(colorWhen, a.color) {
				return unknownName("--color", a.color, colorWhen)
			}
			return nil
		},
	}
	section(root.PersistentFlags(), "Every verb", a.register)
	root.AddCommand(
		a.countCommand(),
		a.shapesCommand(),
		a.compareCommand(),
		a.diffCommand(),
		a.reportCommand(),
		a.citeCommand(),
		a.checkCommand(),
		a.initCommand(),
		a.configCommand(),
		a.explainCommand(),
		a.trainCommand(),
		a.opsCommand(),
		a.conventionCommand(),
		a.gpusCommand(),
		a.zonesCommand(),
		a.energyCommand(),
		a.paretoCommand(),
		a.capsCommand(),
		a.rankCommand(),
		a.versionCommand(),
		a.completionCommand(),
	)
	root.SetHelpCommand(a.helpCommand())
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { help(a.stdout, cmd) })
	root.SetUsageFunc(func(cmd *cobra.Command) error { help(a.stderr, cmd); return nil })
	root.CompletionOptions.DisableDefaultCmd = true
	cobra.EnableCommandSorting = false
	a.countByDefault(root)
	root.SetFlagErrorFunc(flagError)
	return root
}

// register adds the flags that every verb has.
func (a *app) register(f *pflag.FlagSet) {
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no remarks on stderr, errors only")
	f.CountVarP(&a.verbose, "verbose", "v", "lists in full, and remarks of verbs that print none")
	f.StringVar(&a.color, "color", "auto", "colour `WHEN`: auto, always or never")
	f.BoolP("help", "h", false, "this text")
}

// countByDefault makes the root count when its first argument is no verb but a file, or
// print its version: cobra's own flag for that links its templates, a tenth of the binary.
func (a *app) countByDefault(root *cobra.Command) {
	var c countFlags
	c.register(root.Flags())
	showVersion := root.Flags().Bool("version", false, "version of onnxmeter")
	root.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *showVersion:
			fmt.Fprintln(a.stdout, "onnxmeter", version())
			return nil
		case len(args) == 0:
			help(a.stderr, cmd)
			return errReported(exitUsage)
		case !namesFile(args[0]):
			return unknownVerb(cmd, args[0])
		}
		return a.count(&c, args)
	}
}

// namesFile tells a file, a directory or a glob from a mistyped verb.
func namesFile(arg string) bool {
	if arg == stdinName || hasGlobMeta(arg) || strings.ContainsAny(arg, `/\.`) {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}

func unknownVerb(parent *cobra.Command, verb string) error {
	name := verb
	if parent.HasParent() {
		name = parent.Name() + " " + verb
	}
	return usagef("unknown verb %q%s", name, didYouMean(verb, verbs(parent)))
}

// verbs lists the names of the verbs below a command.
func verbs(parent *cobra.Command) []string {
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError adds the nearest flags to an unknown one, and to a value that a flag
// does not take what it expects.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &value):
		return usagef("--%s %s", value.GetFlag().Name, wrongValue(value))
	case !errors.As(err, &missing):
		return usagef("%v", err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	name := missing.GetSpecifiedName()
	verb := cmd.Name()
	if !cmd.HasParent() {
		verb = "count" // the default one
	}
	if s := missing.GetSpecifiedShortnames(); s != "" {
		return usagef("unknown flag -%s in -%s of verb %s", name, s, verb)
	}
	return usagef("unknown flag --%s of verb %s%s", name, verb, didYouMean("--"+name, names))
}

// wrongValue quotes a value that a flag does not take and says what it expects.
func wrongValue(e *pflag.InvalidValueError) string {
	expected := ""
	switch e.GetFlag().Value.Type() {
	case "int", "int64", "count":
		expected = "a whole number"
	case "float64":
		expected = "a number"
	case "stringSlice":
		expected = "words with commas between them"
	case "bool":
		expected = "true or false"
	default: // a flag of our own: its error quotes the value
		return e.Unwrap().Error()
	}
	if errors.Is(e, strconv.ErrRange) {
		expected += " within range"
	}
	return fmt.Sprintf("%q (expected %s)", e.GetValue(), expected)
}
