package energy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/onnxmeter/onnxmeter/counters/energy/data"
)

// Zone is one carbon factor. Its key is (ID, Kind, Source): a zone may have
// factors of several kinds and sources, and they are never averaged.
type Zone struct {
	ID       string // "WORLD", "DEU", "CA-AB", "gcp:europe-west1"
	Kind     string // world, country, country-lifecycle, grid-zone, cloud-region
	Name     string
	GPerKWh  float64 // g CO2e per kWh
	Year     int     // 0: the source states none
	Method   string
	Source   string
	position int // in the table: the first factor of a zone is its default
}

// Lifecycle reports whether the factor counts the whole life cycle of the
// power plants; such a factor must not be compared with a direct one.
func (z Zone) Lifecycle() bool { return z.Kind == lifecycleKind }

const (
	lifecycleKind = "country-lifecycle"
	// DefaultZone is the zone of an estimate that names none.
	DefaultZone = "WORLD"
)

var zones = sync.OnceValues(func() ([]Zone, error) {
	rows, err := readRecords(strings.NewReader(data.Carbon), "zone", "kind", "gco2e_per_kwh", "source")
	if err != nil {
		return nil, err
	}
	list := make([]Zone, 0, len(rows))
	for i, r := range rows {
		z := Zone{ID: r.text("zone"), Kind: r.text("kind"), Name: r.text("name"),
			Method: r.text("method"), Source: r.text("source"), position: i}
		var year float64
		if err := r.numbers(cell{"gco2e_per_kwh", &z.GPerKWh}, cell{"year", &year}); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
		z.Year = int(year)
		list = append(list, z)
	}
	slices.SortFunc(list, func(a, b Zone) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.position, b.position))
	})
	return list, nil
})

// Zones lists every carbon factor, sorted by ID and kind. The caller may keep
// the slice but not change it.
func Zones() []Zone {
	list, err := zones()
	if err != nil {
		panic("energy: embedded carbon.csv: " + err.Error()) // unreachable: a test parses the file
	}
	return list
}

// LookupZone finds a carbon factor. The name is ZONE, ZONE/KIND or
// ZONE/KIND/SOURCE; ZONE is an ID or a name of the table in any case, SOURCE
// any part of the source's text or the factor itself ("WORLD/world/475").
// Without KIND life-cycle factors are left out, so that methods do not mix by
// accident. Of several sources the table's first is the default. A name that
// fits several zones or kinds, or none, is a *NameError.
func LookupZone(name string) (Zone, error) {
	id, rest, _ := strings.Cut(name, "/")
	kind, source, _ := strings.Cut(rest, "/")
	var hits []Zone
	for _, z := range Zones() {
		if z.named(id) && z.matches(kind, source) {
			hits = append(hits, z)
		}
	}
	exact := slices.DeleteFunc(slices.Clone(hits), func(z Zone) bool { return !strings.EqualFold(z.ID, id) })
	if len(exact) > 0 {
		hits = exact
	}
	if len(hits) == 0 {
		return Zone{}, unknownZone(name, id)
	}
	for _, z := range hits[1:] {
		if z.ID != hits[0].ID || z.Kind != hits[0].Kind {
			return Zone{}, &NameError{Kind: "zone", Name: name, Ambiguous: true, Candidates: zoneKeys(hits)}
		}
	}
	return hits[0], nil
}

func (z Zone) named(id string) bool {
	return id != "" && (strings.EqualFold(z.ID, id) || strings.EqualFold(z.Name, id))
}

func (z Zone) matches(kind, source string) bool {
	if kind == "" && z.Lifecycle() || kind != "" && !strings.EqualFold(kind, z.Kind) {
		return false
	}
	return source == "" || strings.Contains(strings.ToLower(z.Source), strings.ToLower(source)) ||
		source == formatNumber(z.GPerKWh)
}

func zoneKeys(list []Zone) []string {
	var keys []string
	for _, z := range list {
		if k := z.ID + "/" + z.Kind; !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// unknownZone suggests the factors of the zone if only kind or source failed,
// else zones of like spelling.
func unknownZone(name, id string) error {
	e := &NameError{Kind: "zone", Name: name}
	var pool []candidate
	var same, part []Zone
	for _, z := range Zones() {
		if z.named(id) {
			same = append(same, z)
		}
		if isPart(nameKey(id), nameKey(z.Name)) {
			part = append(part, z)
		}
		pool = append(pool, candidate{z.ID, nameKey(z.ID)}, candidate{z.ID, nameKey(z.Name)})
	}
	switch {
	case len(same) > 0:
		e.Candidates = zoneKeys(same)
	case len(part) > 0:
		e.Candidates = zoneKeys(part)
	default:
		e.Candidates = nearest(nameKey(id), pool)
	}
	return e
}
