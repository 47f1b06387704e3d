package main

const usage = `usage: shufflebench [flags]

Measures the latency of networks, interleaved round by round. Without flags it
measures the networks of the README's table and the models built in, with one
thread and with all.

networks (may be repeated)
  -arch SPEC       a network of random weights: shufflenetv2:1x@224,shuffle=dynamic
  -model NAME      a .rfl or .onnx file, or a model built in
  -int8            also the quantized twin of each network
  -half            also each network in float16 arithmetic, where riffle has it: arm64;
                   -isa generic emulates it
contenders
  -threads LIST    numbers of threads, "all" is GOMAXPROCS (default 1,all)
  -isa LIST        instruction sets, "all" is every one that this machine has
                   (default RIFFLE_ISA, else the best)
  -batch N         samples in a run (default 1)
  -peer COMMAND    another engine, a program that speaks the protocol in README.md;
                   {model.onnx} and {model.rfl} stand for the file (may be repeated)
  -peer-timeout D  longest wait for one answer of a peer (default 1m)
what is measured
  -rounds N        rounds (default 10)
  -benchtime D     time for each row, over all rounds (default 1s)
  -concurrency LIST
                   also so many sessions of riffle side by side: throughput, and
                   percentiles of the latency under load
  -profile         also the time of every step of every network, on one thread
  -kernels         also the time of every kernel variant on every shape
  -pictures DIR    instead of all that: from the files of pictures to their classes
  -draft           -pictures: also with large JPEGs decoded at a reduced size
output
  -v               table: every column, every ratio and every warning
  -o FORMAT        table, md, csv, json or bench (for benchstat) (default table);
                   or the name of a file that ends in .txt, .md, .csv, .json or .bench
  -baseline FILE   compare with an earlier -o json
  -plot FILE       draw latencies and the roofline: .svg, .png or .pdf
  -trace FILE      write every step of a typical run for chrome://tracing or Perfetto
  -version         say which shufflebench this is

Files appear whole or not at all.

exit status: 0 all well, 1 something failed or outputs disagree, 2 wrong usage,
130 interrupted
`
