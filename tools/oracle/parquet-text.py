"""A small Parquet file of texts, as data sets on the hub have them: two row groups, Snappy, a nested field.

    python tools/oracle/parquet-text.py tools/cli/src/data/fixtures
"""
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

rows = [
    {"text": "one", "id": 1, "message": {"content": "first"}},
    {"text": "two — zwei", "id": 2, "message": {"content": "second"}},
    {"text": "", "id": 3, "message": {"content": "third"}},
]
pq.write_table(pa.Table.from_pylist(rows), Path(sys.argv[1]) / "texts.parquet", row_group_size=2, compression="snappy")
