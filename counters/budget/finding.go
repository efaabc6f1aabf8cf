package budget

import "math/big"

// Level says what a finding does to the exit code.
type Level string

// The levels. A finding that is no comparison, such as a model that cannot be
// read, has the level of the strictest budget that it concerns.
const (
	Fail Level = "fail"
	Warn Level = "warn"
)

// Kind says what a finding is about.
type Kind string

// The kinds, from the least to the most severe.
const (
	Over       Kind = "over"       // the value is past the limit
	Incomplete Kind = "incomplete" // whether it is past the limit is not known
	Unreadable Kind = "unreadable" // the model is wrong or cannot be read
	Unbudgeted Kind = "unbudgeted" // the configuration has nothing to hold the model to
)

// Finding is one reason why a model does not pass.
type Finding struct {
	File  string // the model, as it is named on the command line or below the configuration
	Rule  Rule   // "" when no single one is concerned
	Kind  Kind
	Level Level
	// Value is what the model takes: the upper bound where the work depends on data,
	// the least that is known where it is incomplete; nil: not known.
	Value *big.Rat
	// Limit is the largest value that passes; nil: there is none.
	Limit *big.Rat
	// Over is Value - Limit where that is positive, else nil.
	Over *big.Rat
	// Message says in one line what is wrong, without file and rule.
	Message string
	// Contributors are the largest parts of the value, at most three, largest first.
	Contributors []Contributor
	// Fix is the command or the edit that makes the finding go away, when the change
	// is meant; "" if there is none.
	Fix string
	// Source is where the limit stands: "--budget" or "FILE:LINE"; "" if none.
	Source string
}

// Contributor is a part of a value: a node, an operator or a term of an estimate.
type Contributor struct {
	Node  string
	Value *big.Rat
}

// Status says how a model fared.
type Status string

// The states of a model, from the best to the worst.
const (
	Skipped Status = "skipped" // with a reason
	Passed  Status = "pass"
	Warned  Status = "warn"
	Failed  Status = "fail" // a finding of level Fail
)

// Result is what was found about one model.
type Result struct {
	File string
	// Key names the model in configuration and baseline: its path below the folder of
	// the configuration, with slashes; "" if it has none.
	Key      string
	Reason   string  // why it is skipped; "" if it is not
	Checks   []Check // every comparison, those that pass too
	Findings []Finding
	Measure  *Measure // for a baseline; nil of a model that is not known in full
}

// Check is one comparison.
type Check struct {
	Rule   Rule
	Level  Level
	Value  *big.Rat // nil: not known
	Limit  *big.Rat // nil: a relative limit without baseline
	Source string
	Passed bool
}

// Status sums the findings up.
func (r *Result) Status() Status {
	switch {
	case r.Reason != "":
		return Skipped
	case len(r.Findings) == 0:
		return Passed
	}
	for _, f := range r.Findings {
		if f.Level == Fail {
			return Failed
		}
	}
	return Warned
}
