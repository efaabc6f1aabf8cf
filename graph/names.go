package graph

import "hash/maphash"

// nameTable finds the Values of one graph by name: an open hash table of
// positions in Graph.Values. A slot is eight bytes, so that a model of a million
// values is linked about as fast, per value, as a small one.
type nameTable struct {
	slots []uint64 // 0, or the hash's upper half with the position plus one
	seed  maphash.Seed
}

// newNameTable makes a table for up to n names.
func newNameTable(seed maphash.Seed, n int) nameTable {
	size := 8
	for size < 2*n {
		size *= 2
	}
	return nameTable{slots: make([]uint64, size), seed: seed}
}

// find returns the Value of a name, or nil with the slot to give to add and the
// hash part of its content.
func (t *nameTable) find(values []*Value, name string) (v *Value, slot int, tag uint64) {
	h := maphash.String(t.seed, name)
	mask := uint64(len(t.slots) - 1)
	tag = h &^ (1<<32 - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return nil, int(i), tag
		}
		if s&^(1<<32-1) == tag {
			if v := values[uint32(s)-1]; v.Name == name {
				return v, int(i), tag
			}
		}
	}
}

// add enters the Value at position id, which find did not find.
func (t *nameTable) add(slot int, tag uint64, id int) { t.slots[slot] = tag | uint64(id+1) }
