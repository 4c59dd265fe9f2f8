"""The fields of a version that is not released yet, as far as its beta shows them; a table by hand.

When the version is out, tools/fieldtables makes them from its module, and this table starts anew.
Source: k8s.io/api v0.38.0-beta.0 core/v1 types.go.
"""

FIELDS: dict[str, tuple[str, ...]] = {
    "core/v1.SeccompProfile": ("oci *core/v1.SecurityProfileOCI ?",),
    "core/v1.SecurityProfileOCI": ("ref string .", "baseProfile *core/v1.SecurityProfileOCIBase ?"),
    "core/v1.SecurityProfileOCIBase": ("type string .", "localhostProfile *string ?"),
}
"""By struct, the fields that the version adds, or all of a struct that is new."""
