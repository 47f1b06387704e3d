// Package classify is infer without a command: it names what is in pictures.
package classify

import (
	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/infer/internal/pictures"
)

// Run is the command. version is what -version prints.
func Run(a *app.App, args []string, version func() string) error {
	o, names, err := parse(args)
	if err != nil {
		return err
	}
	if o.version {
		return a.Print(version())
	}
	list := pictures.Expand(names)
	if note := list.Note(); note != "" && !o.quiet {
		a.Note("", "%s", note)
	}
	// One picture gets all threads; of several, each thread takes its own,
	// so that decoding and inference of different pictures overlap.
	workers, threads := min(o.flags.Threads, len(list.All)), 1
	if len(list.All) == 1 {
		workers, threads = 1, o.flags.Threads
	}
	model, err := o.flags.Pictures(threads, o.embed != "")
	if err != nil {
		return err
	}
	defer model.Close()
	if model.Note != "" && !o.quiet {
		a.Note("", "%s", model.Note)
	}
	o.form.binary = app.Size(model.Info().Outputs[0].Shape) == 1
	j := &job{app: a, options: o, model: model, list: list.All}
	defer j.close()
	if err := j.prepare(workers); err != nil {
		return err
	}
	if o.embed == "" {
		err = j.run(nil)
	} else {
		err = a.WriteFile(o.embed, j.run)
	}
	if err == nil && j.sheet != nil && !j.sheet.Empty() {
		err = a.WriteFile(o.draw, j.sheet.Encode)
	}
	if err == nil && j.failed {
		return app.ErrReported
	}
	return err
}
