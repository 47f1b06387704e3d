package main

const helpClassify = `infer says what is in pictures.

usage: infer [-m MODEL] [-k N] [flags] PICTURE...
       infer convert MODEL.onnx -o MODEL.rfl    bring a model in from ONNX
       infer run -m MODEL -in IN -out OUT       run a model on raw tensors
       infer inspect MODEL                      say what is in a model file
       infer eval -m MODEL -cifar10 DIR         measure a model's accuracy
       infer COMMAND -h                         say more about a command

A PICTURE is a PNG, JPEG, GIF or WebP file; "-" is one picture on standard input;
a folder is all pictures in it and below, by name, files whose name begins with
a dot left out. Flags may stand before or after. A file called like a command is ./run.

  -m MODEL     a .rfl file, or the name of a model built in (default: cifar10-sds)
  -k N         how many classes to print, the most probable first (5)
  -json        one JSON object per picture and line: {"file", "top": [{"class",
               "label", "prob"}]}, or {"file", "error"}
  -explain     print the permutations that each picture chose, layer by layer: how
               many channels take another channel than under the static shuffle,
               and than under what the layer chose most often in training; sigma
               and tau. With -json they are "routes" of the record
  -explain-png FILE
               draw them as permutation matrices, a row of layers for each picture
  -threads N   how many threads to use (default: as many as Go has processors)
  -isa NAME    instruction set: generic, avx2, neon (default: RIFFLE_ISA, else the
               best this machine has)
  -q           quiet: no progress bar
  -version     say which infer this is

Results go to standard output, everything else to standard error. A picture that
cannot be read is one error, and the others go on. A progress bar shows only on
a terminal and for more than one picture, without colour if NO_COLOR is set.

exit status: 0 all well, 1 some picture failed, 2 wrong usage, 3 a model that
cannot be used
`

const helpConvert = `infer convert writes a model as .rfl, from ONNX or from another .rfl.

usage: infer convert MODEL.onnx -o MODEL.rfl [flags]

  -o FILE        what to write (it appears whole or not at all); a name that ends in
                 .onnx writes ONNX instead; "-" is standard output
  -f16           keep weights in half precision, which halves the file; biases and
                 the generators of dynamic shuffles stay float32
  -f32           keep all weights in single precision (default: as they come)
  -short         shorten the names that PyTorch's exporter gives to layers and weights
  -labels FILE   class names, one a line
  -mean R,G,B    mean of the pixels, in units of a pixel scaled to 0..1 (default 0)
  -std R,G,B     their deviation (default 1): x = (pixel/255 - mean) / std
  -resize N      scale the shorter side to N first (default 0: straight to the crop)
  -crop N        side of the centre crop; needed only where the network leaves its input
                 size open, and must else be the network's
  -order ORDER   of the channels: rgb, bgr or gray (default: rgb, or gray for one)
  -name NAME     the model's short name
  -source, -data, -date, -accuracy, -license, -notes TEXT
                 provenance: where the weights come from
  -q             quiet: no notes on standard error

A network that riffle cannot run is refused here, naming the operator.
`

const helpRun = `infer run runs a model on raw tensors, without any preprocessing.

usage: infer run -m MODEL -in TENSOR.f32 -out LOGITS.f32 [flags]

  -m MODEL     a .rfl file, or the name of a model built in
  -in FILE     little-endian float32, NCHW, any number of samples; "-" is standard input
  -out FILE    where the raw outputs go, sample after sample, in the same form (it
               appears whole or not at all); "-" is standard output
  -threads N   how many threads to use (default: as many as Go has processors)
  -isa NAME    instruction set: generic, avx2, neon
`

const helpInspect = `infer inspect says what is in a model file.

usage: infer inspect [flags] MODEL

  -json      one JSON object instead of the tables
  -nodes     list every node of the graph (default true)
`

const helpEval = `infer eval measures a model's accuracy and speed on labelled pictures.

usage: infer eval [-m MODEL] -cifar10 DIR | -cifar100 DIR | FOLDER [flags]

  -m MODEL           a .rfl file, or the name of a model built in
  -cifar10 DIR       the test split of CIFAR-10 in its binary version
  -cifar100 DIR      the test split of CIFAR-100 (fine labels)
  FOLDER             one sub-folder per class. If the sub-folders' names are the
                     model's labels they say the class; else sub-folder number k,
                     in order of name, is class k, and there must be as many as classes
  -predictions FILE  write the predicted class of each picture, one a line, in the
                     set's order (-1 for a picture that failed)
  -against FILE      compare with what PyTorch made of each picture: classes,
                     permutations, and logits with PyTorch's permutations. FILE comes
                     from: python3 -m train evaluate --rfl MODEL --data DIR --routes FILE
  -json              one JSON object instead of the table
  -threads N         how many threads to use (default: as many as Go has processors)
  -isa NAME          instruction set: generic, avx2, neon
  -q                 quiet: no progress bar

The speed is from the first picture decoded to the last one classified, all
threads at work; loading the model and the set's file is not in it.
`
