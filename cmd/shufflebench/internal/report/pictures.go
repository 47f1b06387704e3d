package report

// Folder is the pictures that were classified.
type Folder struct {
	Path       string       `json:"path"`
	Pictures   int          `json:"pictures"`
	Bytes      int64        `json:"bytes"`
	Preprocess []Prepared   `json:"preprocess"`
	Rows       []PictureRow `json:"rows"`
}

// Prepared says how a picture became a network's input.
type Prepared struct {
	Network string `json:"network"`
	Text    string `json:"text"` // "shorter side to 256, crop 224x224"
}

// PictureRow is one contender on the whole way from a picture's file to a class.
type PictureRow struct {
	Network string `json:"network"`
	Engine  string `json:"engine"`
	Version string `json:"version,omitempty"`
	ISA     string `json:"isa,omitempty"` // "" for peers
	Threads int    `json:"threads"`

	N         int       `json:"n"`          // pictures that were timed
	Rate      float64   `json:"rate"`       // pictures a second, the median of the rounds'
	RoundRate []float64 `json:"round_rate"` // of each round
	P50       float64   `json:"p50_ns"`     // of one picture, on one thread
	P90       float64   `json:"p90_ns"`
	P99       float64   `json:"p99_ns"`
	Min       float64   `json:"min_ns"`
	Agree     float64   `json:"agree"` // share of the pictures with the class that riffle's first row says, 0 to 1
	Gain      float64   `json:"gain"`  // rate over that of riffle's first row with as many threads; 0 if there is none
}

// Label names a row in messages.
func (r *PictureRow) Label() string {
	x := Row{Network: r.Network, Engine: r.Engine, ISA: r.ISA, Threads: r.Threads}
	return x.Label()
}
