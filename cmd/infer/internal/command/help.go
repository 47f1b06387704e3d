package command

// helpStatus ends every help text.
const helpStatus = `
exit status: 0 all well, 1 some picture or input failed, 2 wrong usage, 3 a model
that cannot be used, 130 interrupted (Ctrl-C)
`

const helpClassify = `infer says what is in pictures.

usage: infer [-m MODEL] [-k N] [flags] PICTURE...
       infer convert MODEL.onnx -o MODEL.rfl    bring a model in from ONNX
       infer run -m MODEL -in IN -out OUT       run a model on tensors
       infer inspect MODEL                      say what is in a model file
       infer quantize MODEL -calibrate DIR -o MODEL8.rfl
                                                make a model of 8 bits of it
       infer eval -m MODEL -cifar10 DIR         measure a model's accuracy
       infer doctor                             say what riffle finds on this machine
       infer COMMAND -h                         say more about a command

A PICTURE is an image file (PNG, JPEG, GIF, WebP, BMP, TIFF); "-" is one picture on
standard input. A directory stands for all pictures in it and below, in the order of their
names. Files there whose names do not end like a picture's are skipped and counted,
hidden files are skipped. Flags may stand before or after. A picture called like a
command is ./run.

  -m MODEL     a .rfl or .onnx file, or the name of a model built in (default:
               tiny-imagenet, for photographs: it knows 200 classes of animals, food
               and everyday things). An ONNX file does not say how a picture becomes
               the network's input; infer convert makes a .rfl file that does
  -output NAME the output that holds the classes, where it is not the first one: an
               output, or any value or node that infer inspect lists
  -k N         how many classes to print, the most probable first (5)
  -json        one JSON object per picture and line: {"file", "top": [{"class",
               "label", "prob"}]}, or {"file", "error"}
  -logits      print what the network says of the classes as it is, without turning it
               into probabilities; with -json in "logits", of all classes
  -embed FILE.npy
               write an array with a row of numbers for each picture, in order: what
               goes into the network's last linear layer, or the value that -output
               names. The row of a picture that failed is NaN
  -explain     print the permutations that each picture chose, layer by layer: how
               many channels take another channel than under the static shuffle,
               and than under what the layer chose most often in training; sigma
               and tau. With -json they are "routes" of the record
  -explain-png FILE.png
               draw them: a row for each picture, in it a permutation matrix for each
               layer
  -threads N   how many threads to use (default: as many as Go has processors)
  -size N      run the network on pictures of N x N pixels, or -size HxW, whatever size
               the file has it for; a node that is made for one size alone is named
  -isa NAME    instruction set, one that infer -version lists (default: RIFFLE_ISA, else
               the best this machine has)
  -half        convolutions in float16 arithmetic, less exact, where a processor has it
               (arm64 with asimdhp); -isa generic emulates it, many times slower
  -q           quiet: no progress bar, no notes
  -version     say which infer this is

A network with a single output tells two classes apart; its probability is the
sigmoid of that output.

Results go to standard output, everything else to standard error. A picture that
cannot be read is one error, and the others go on. A progress bar shows only on
a terminal and for more than one picture, without colour if NO_COLOR is set.
` + helpStatus

const helpConvert = `infer convert writes a model as .rfl, from ONNX or from another .rfl.

usage: infer convert MODEL.onnx -o MODEL.rfl [flags]
       infer convert MODEL.onnx -check

  -o FILE        what to write (it appears whole or not at all); a name that ends in
                 .onnx writes ONNX instead; "-" is standard output
  -check         write nothing: list everything that stands in the way, a line each
  -output NAME   keep this output alone: an output, or any value or node
  -f16           keep weights in half precision, which halves the file; biases and
                 the generators of dynamic shuffles stay float32
  -f32           keep all weights in single precision (default: as they come)
  -short         shorten the names that PyTorch's exporter gives to layers and weights
  -labels FILE   class names, one a line
  -mean R,G,B    mean of the pixels, in units of a pixel scaled to 0..1 (default 0).
                 Values above 1 are taken for pixels of 0..255, with -std, and divided
                 by 255. One value stands for all channels
  -std R,G,B     their deviation (default 1): x = (pixel/255 - mean) / std.
                 Red comes first in these and -letterbox, whatever -order says
  -resize N      scale the shorter side to N first (default 0: straight to the crop)
  -crop N        side of the centre crop; needed only where the network leaves its input
                 size open, and must else be the network's
  -nhwc          the file's input has its channels last, as TensorFlow and Keras write it;
                 the model then takes [N C H W], as all others
  -wide          compute in float32 what the file casts to float16 or bfloat16: more exact
                 than the file means it; without, such a file is refused
  -letterbox R,G,B
                 scale the picture to fit in whole, with margins of that colour (0..255;
                 one value for all channels), in place of -resize and the crop
  -filter NAME   with which pictures are scaled: bilinear (default) or bicubic, both as
                 Pillow has them
  -order ORDER   in which the network wants the channels: rgb, bgr or gray (default:
                 rgb, or gray for one)
  -name NAME     the model's short name
  -source, -data, -date, -accuracy, -license, -notes TEXT
                 provenance: where the weights come from
  -q             quiet: no notes on standard error

A network that riffle cannot run is refused here, naming the operator.
` + helpStatus

const helpQuantize = `infer quantize makes a model of 8 bits: faster, and half the size of one of float16.

usage: infer quantize MODEL -calibrate DIRECTORY -o MODEL8.rfl [flags]

MODEL is a .rfl or .onnx file, or the name of a model built in. It is run on a few
hundred pictures to see which numbers occur. They should be of the kind that the model
will see, and not those that its accuracy is measured on.

  -calibrate PATH   pictures: a directory of them and what is below it, or a binary file
                    of CIFAR-10 or CIFAR-100, or the directory of its training files. It
                    may be given more than once for directories
  -n N              how many of the pictures to take, spread evenly (500)
  -o FILE           what to write (it appears whole or not at all)
  -method NAME      how the range of a layer's results is chosen: max takes all that
                    occurs, percentile leaves out a ten-thousandth at each end, mse makes
                    the mean square error least (default), kl the divergence of the
                    distributions, which often cuts off more than is good, for it
                    does not see how far off an element is then
  -keep NODE,...    nodes that stay float32, as infer inspect lists them
  -half-generators  keep the generators of dynamic shuffles in float16: a smaller file,
                    in which a few permutations may be others
  -q                quiet: no progress bar, no report

The report has the ratio of signal to noise behind each layer (6 dB are one bit), the
pictures whose first class is the same as in float32, and the permutations that are.
` + helpStatus

const helpRun = `infer run runs a model on tensors, without any preprocessing.

usage: infer run -m MODEL -in TENSOR -out OUTPUT [flags]

  -m MODEL     a .rfl or .onnx file, or the name of a model built in
  -output NAME compute this output alone: an output, or any value or node
  -in FILE     the samples. FILE.npy is an array of N x C x H x W, or of C x H x W for
               one sample, of any number type. Any other file is little-endian float32,
               NCHW, any number of samples; "-" is standard input
  -out FILE    where the outputs go (it appears whole or not at all). FILE.npy becomes
               an array of N rows. Any other file becomes little-endian float32, sample
               after sample; "-" is standard output
  -threads N   how many threads to use (default: as many as Go has processors)
  -size N      run the network on N x N pixels, or -size HxW
  -isa NAME    instruction set, one that infer -version lists
  -half        convolutions in float16 arithmetic, for arm64; -isa generic emulates it
` + helpStatus

const helpInspect = `infer inspect says what is in a model file.

usage: infer inspect [flags] MODEL

MODEL is a .rfl or .onnx file, or the name of a model built in.

  -json      one JSON object instead of the tables
  -nodes     list every node of the graph (default true)
` + helpStatus

const helpEval = `infer eval measures a model's accuracy and speed on labelled pictures.

usage: infer eval [-m MODEL] -cifar10 DIR | -cifar100 DIR | DIRECTORY | ARCHIVE [flags]

  -m MODEL           a .rfl or .onnx file, or the name of a model built in
  -output NAME       the output that holds the classes, where it is not the first one
  -cifar10 DIR       the test split of CIFAR-10 in its binary version
  -cifar100 DIR      the test split of CIFAR-100 (fine labels)
  DIRECTORY          one sub-directory per class. If the sub-directories' names are the
                     model's labels they say the class; else sub-directory number k,
                     in order of name, is class k, and there must be as many as
                     classes. A network with a single output has two classes: 1 is
                     the one that a probability above a half stands for
  -list FILE         the classes of the pictures of DIRECTORY, or of a tar archive, which
                     may be gzipped: on each line a picture's file, a tab, its class.
                     Pictures that are not in it are left out
  -classes FILE      what the sub-directories, or the classes of -list, stand for: on
                     each line the directory, a tab, the model's label. A number and a
                     tab may come first. If the names are no labels, line k, counted
                     from 0, is class k. What the model does not have is left out
  -predictions FILE  write the predicted class of each picture, one a line, in the
                     set's order (-1 for a picture that failed)
  -against FILE      compare with what PyTorch made of each picture: classes,
                     permutations, and logits with PyTorch's permutations. FILE comes
                     from: python3 -m train evaluate --rfl MODEL --data DIR --routes FILE
  -json              one JSON object instead of the table
  -threads N         how many threads to use (default: as many as Go has processors)
  -size N            run the network on N x N pixels, or -size HxW
  -isa NAME          instruction set, one that infer -version lists
  -half              convolutions in float16 arithmetic, for arm64; -isa generic emulates
                     it, many times slower
  -q                 quiet: no progress bar, no notes

The speed is from the first picture decoded to the last one classified, all
threads at work; loading the model and the set's file is not in it.
` + helpStatus

const helpDoctor = `infer doctor says what riffle finds on this machine, for a report of a problem.

usage: infer doctor [-json]

It names the build, the processor, each instruction set and why it is used or not, the
threads and a container's quota. Then it runs each model built in on each instruction
set and compares the results.

  -json   one JSON object instead of the table

exit status: 0 all well, 1 something is wrong, 2 wrong usage, 130 interrupted (Ctrl-C)
`
