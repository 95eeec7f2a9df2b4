import json
import sys
from pathlib import Path

path = Path(sys.argv[1])
notebook = json.loads(path.read_text())
notebook["cells"].reverse()
path.write_text(json.dumps(notebook))
