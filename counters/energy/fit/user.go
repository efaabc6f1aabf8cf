package fit

// Mode is energy.Eager or energy.Fused, as source and note of a row say.
func (r Row) Mode() string { return r.mode() }

// Boundary is what the energy of a row includes: gpu, board or system.
func (r Row) Boundary() string { return r.boundary() }
