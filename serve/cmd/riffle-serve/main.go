// Command riffle-serve serves image classifiers by the Open Inference Protocol, version 2,
// over HTTP and gRPC, with a page for people.
//
//	riffle-serve -models DIR
//
// riffle-serve -h lists the flags. Exit status: 0 after SIGTERM or Ctrl-C, once the requests
// under way are answered; 1 if it could not serve, or had to cut requests off; 2 wrong usage.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/riffle-ml/riffle/serve/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(app.Main(ctx))
}
