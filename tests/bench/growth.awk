# Lines `artifacts verb seconds kB` as an SVG of two panels: milliseconds per artifact, and MB in all. Both axes logarithmic.

function x_of(count) { return 60 + 260 * (log(count) - log(least)) / (log(most) - log(least)) }

function y_of(value, low, high) { return 230 - 190 * (log(value) - log(low)) / (log(high) - log(low)) }

function panel(left, title, low, high, column,    i, v, points, value, mark) {
    printf "<g transform=\"translate(%d 0)\"><text x=\"60\" y=\"24\" class=\"t\">%s</text>\n", left, title
    for (mark = low; mark <= high * 1.01; mark *= 10)
        printf "<path class=\"g\" d=\"M60 %.1fH320\"/><text x=\"54\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", \
            y_of(mark, low, high), y_of(mark, low, high) + 4, mark
    for (i = 1; i <= sizes; i++)
        printf "<text x=\"%.1f\" y=\"248\" text-anchor=\"middle\">%dk</text>\n", x_of(size[i]), size[i] / 1000
    for (v = 1; v <= verbs; v++) {
        points = ""
        for (i = 1; i <= sizes; i++) {
            value = data[size[i], verb[v], column]
            points = points sprintf("%.1f,%.1f ", x_of(size[i]), y_of(value, low, high))
        }
        printf "<polyline class=\"l%d\" points=\"%s\"/>", v, points
        printf "<text class=\"n%d\" x=\"326\" y=\"%.1f\">%s</text>\n", v, y_of(value, low, high) + 4, verb[v]
    }
    print "</g>"
}

{
    if (!($1 in seen_size)) {
        seen_size[$1] = 1
        size[++sizes] = $1
    }
    if (!($2 in seen_verb)) {
        seen_verb[$2] = 1
        verb[++verbs] = $2
    }
    data[$1, $2, "ms"] = 1000 * $3 / $1
    data[$1, $2, "mb"] = $4 / 1024
}

END {
    least = size[1]
    most = size[sizes]
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 780 262\" role=\"img\">"
    print "<title>Time per artifact and memory, by the number of artifacts</title>"
    print "<style>text{font:12px sans-serif;fill:#667}.t{font-weight:bold}.g{stroke:#8884;fill:none}polyline{fill:none;stroke-width:2}"
    print ".l1{stroke:#27c}.n1{fill:#27c}.l2{stroke:#c60}.n2{fill:#c60}.l3{stroke:#293}.n3{fill:#293}</style>"
    panel(0, "milliseconds per artifact", 0.01, 10, "ms")
    panel(390, "peak memory, MB", 10, 1000, "mb")
    print "</svg>"
}
