package convention

// patterns finds calls that an exporter wrote as several nodes, by their form.
func (r *reading) patterns() {}
