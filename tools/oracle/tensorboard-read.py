"""Reads event files with TensorBoard's own reader and prints the points of every scalar curve.

python tools/oracle/tensorboard-read.py <folder or file>     # needs: pip install tensorboard==2.21.0
python tools/oracle/tensorboard-read.py <file> --golden tools/oracle/.../golden.json
"""

import argparse
import json
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("path", type=Path)
parser.add_argument("--golden", type=Path, help="fail unless the points are those of this file")
arguments = parser.parse_args()


def points(path: Path) -> dict:
    accumulator = EventAccumulator(str(path), size_guidance={"scalars": 0})
    accumulator.Reload()
    return {
        tag: [[point.step, point.value, point.wall_time] for point in accumulator.Scalars(tag)]
        for tag in sorted(accumulator.Tags()["scalars"])
    }


files = [arguments.path] if arguments.path.is_file() else sorted(arguments.path.rglob("*tfevents*"))
found = {file.name if arguments.path.is_file() else str(file.parent.relative_to(arguments.path)): points(file) for file in files}
if arguments.golden is None:
    print(json.dumps(found, indent=1))
else:
    expected = json.loads(arguments.golden.read_text())["points"]
    (own,) = found.values()
    assert own == expected, f"{own} is not {expected}"
    print("the points are those of the golden file")
