// Package energy turns the counts of one inference into joules, seconds and
// grams of CO2e, each with an interval.
//
// The estimate of a sample is a sum of non-negative terms,
//
//	E = a*MAC + b*activation bytes + w*weight bytes/batch + k*kernels/batch,
//
// with coefficients per device, precision and mode that package fit learned
// from published measurements. The package has four seams, one file each:
//
//   - Features (features.go): what an estimate needs to know of a graph;
//   - forms (form.go): which terms of the features a formula prices;
//   - Table (table.go): the fitted coefficients and their held-out errors;
//   - Estimate (estimate.go): features x coefficients, interval, grade, warnings.
//
// Devices (device.go) and carbon factors (zone.go, carbon.go) are tables with
// a source per figure. All tables are embedded and parsed on first use, so a
// program that asks for no estimate pays nothing.
package energy
