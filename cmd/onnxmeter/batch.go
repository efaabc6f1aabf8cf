package main

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/onnxmeter/onnxmeter/counters/render"
	"github.com/onnxmeter/onnxmeter/graph"
	"github.com/onnxmeter/onnxmeter/ops"
)

// ordered runs work(0) to work(n-1), at most jobs at a time, and hands the
// results to emit in order. It stops at emit's first error.
func ordered[R any](jobs, n int, work func(int) R, emit func(R) error) error {
	pending := make(chan chan R, max(1, min(jobs, n))-1)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		defer close(pending)
		for i := range n {
			c := make(chan R, 1)
			select {
			case pending <- c:
				go func() { c <- work(i) }()
			case <-stop:
				return
			}
		}
	}()
	for c := range pending {
		if err := emit(<-c); err != nil {
			return err
		}
	}
	return nil
}

// batch is several models with several bindings each.
type batch struct {
	app      *app
	jobs     int
	sources  []source
	variants []ops.Options
	failed   func(error) // told of each failure in its place in the order; may be nil
}

// newBatch checks what the arguments and --jobs say.
func (a *app) newBatch(args []string, jobs int, variants []ops.Options) (*batch, error) {
	jobs, err := jobsOf(jobs)
	if err != nil {
		return nil, err
	}
	srcs, err := sources(args)
	if err != nil {
		return nil, err
	}
	return &batch{app: a, jobs: jobs, sources: srcs, variants: variants}, nil
}

// jobsOf is the number of models at a time that --jobs asks for.
func jobsOf(jobs int) (int, error) {
	switch {
	case jobs < 0:
		return 0, usagef("--jobs %d (expected 1 or more, or 0 for all processors)", jobs)
	case jobs == 0:
		return runtime.GOMAXPROCS(0), nil
	}
	return jobs, nil
}

// size is the number of reports that are asked for.
func (b *batch) size() int { return len(b.sources) * len(b.variants) }

// sharedModel is read by the first of its users and closed by the last.
type sharedModel struct {
	once  sync.Once
	users atomic.Int32
	m     *model
	err   error
}

func (s *sharedModel) get(load func() (*model, error)) (*model, error) {
	s.once.Do(func() { s.m, s.err = load() })
	return s.m, s.err
}

func (s *sharedModel) release() {
	if s.users.Add(-1) == 0 && s.m != nil {
		s.m.close()
		s.m = nil
	}
}

// outcome is the result of one model with one binding.
type outcome[T any] struct {
	val    T
	err    error
	stack  []byte   // of a mistake in the program
	silent bool     // the error was printed for another binding of the same model
	unused []string // flags that bind nothing here
	hints  *graph.Model
}

// countExactly counts models with the sizes that flags bind, and returns n reports in
// the order of the arguments: as many as the verb can take, else it is refused.
func (a *app) countExactly(n int, args []string, bind *bindFlags, work func(*model, ops.Options) (*render.Report, []string, error)) ([]*render.Report, error) {
	variants, done, err := bind.options()
	if err != nil {
		return nil, err
	}
	defer done()
	b, err := a.newBatch(args, 0, variants)
	if err != nil {
		return nil, err
	}
	if b.size() != n {
		return nil, usagef("%q: %d counts (expected %d, with one value for each --dim)", args, b.size(), n)
	}
	var reports []*render.Report
	err = each(b, work, func(r *render.Report) (int, error) {
		reports = append(reports, r)
		return exitOK, nil
	})
	return reports, err
}

// share makes a slot for each model.
func (b *batch) share() []sharedModel {
	shared := make([]sharedModel, len(b.sources))
	for i := range shared {
		shared[i].users.Store(int32(len(b.variants)))
	}
	return shared
}

// each runs work on every model with every binding and emits what it returns, in
// order. A model that fails is reported on stderr and does not stop the others.
// It returns the worst exit code, or the error that ended it. work returns the
// flags that bind nothing: naming nothing in any model is an error.
func each[T any](b *batch, work func(*model, ops.Options) (T, []string, error), emit func(T) (int, error)) error {
	shared := b.share()
	code := exitOK
	var idle *idleFlags
	p := b.app.newProgress(b.size())
	err := ordered(b.jobs, b.size(), func(i int) outcome[T] { return attempt(b, shared, i, work) }, func(o outcome[T]) error {
		p.clear()
		defer p.step()
		if o.err != nil {
			b.report(o.err, o.silent, o.stack)
			if b.failed != nil {
				b.failed(o.err)
			}
			code = worse(code, exitCode(o.err))
			return nil
		}
		idle = idle.meet(o.unused, o.hints)
		if len(b.sources) == 1 && idle.err() != nil {
			return nil // the report of a mistyped flag is not what was asked for
		}
		c, err := emit(o.val)
		code = worse(code, c)
		return err
	})
	if err != nil {
		return err
	}
	if err := idle.err(); err != nil {
		b.app.fail(err)
		code = worse(code, exitUsage)
	}
	if code != exitOK {
		return errReported(code)
	}
	return nil
}

// attempt runs work on the i-th pair of a model and a binding.
func attempt[T any](b *batch, shared []sharedModel, i int, work func(*model, ops.Options) (T, []string, error)) (o outcome[T]) {
	s, v := i/len(b.variants), i%len(b.variants)
	defer shared[s].release()
	defer func() { // a mistake in the program must not hide the other models
		if x := recover(); x != nil {
			o.err = inputErrorf(b.sources[s].path, "%s: %v", ops.InternalError, x)
			o.stack = debug.Stack()
		}
	}()
	m, err := shared[s].get(func() (*model, error) { return b.app.load(b.sources[s]) })
	if err != nil {
		o.err, o.silent = err, v > 0
		return o
	}
	o.val, o.unused, o.err = work(m, b.variants[v])
	if len(o.unused) > 0 {
		o.hints = m.Model
	}
	return o
}

// report prints why a model failed.
func (b *batch) report(err error, silent bool, stack []byte) {
	if !silent {
		b.app.fail(err)
	}
	if b.app.verbose > 0 {
		b.app.stderr.Write(stack)
	}
}
