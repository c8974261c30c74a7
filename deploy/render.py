"""Write the manifests that the chart makes of its defaults: ``make manifests``, for who has no Helm."""

from pathlib import Path

from helm_python import Chart

CHART = Path(__file__).parent / "helm" / "soroka"
MANIFESTS = Path(__file__).parent / "kubernetes" / "soroka.yaml"
HEAD = (
    "# Made by `make manifests` of deploy/helm/soroka with its default values: change those. "
    "docs/operations/kubernetes.md.\n"
)


def manifests(**values: object) -> str:
    """All objects as one YAML document stream. values: of the chart, where they are not its defaults."""
    rendered = Chart.load(CHART).render(values, name="soroka", namespace="soroka", is_install=True)
    files = [text.strip() for name, text in sorted(rendered.items()) if name.endswith(".yaml") and text.strip()]
    return HEAD + "".join(f"---\n{text.removeprefix('---').strip()}\n" for text in files)


if __name__ == "__main__":
    MANIFESTS.parent.mkdir(exist_ok=True)
    MANIFESTS.write_text(manifests())
