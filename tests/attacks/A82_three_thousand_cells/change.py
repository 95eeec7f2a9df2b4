import json
import sys
from pathlib import Path

path = Path(sys.argv[1])
notebook = json.loads(path.read_text())
notebook["cells"] += [{"cell_type": "raw", "metadata": {}, "source": ""}] * 3000
path.write_text(json.dumps(notebook))
