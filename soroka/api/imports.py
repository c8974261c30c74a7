from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from soroka.api.fields import Sentence
from soroka.api.import_options import ImportOptionsSerializer, options
from soroka.imports.errors import errors_csv
from soroka.imports.unreadable import UnreadableFile
from soroka.imports.upload import PIECE, Options, keep
from soroka.models import ClientImport, ImportRow
from soroka.models.rule_words import translated
from soroka.tasks import ring_import

REFUSALS_SHOWN = 100


class NewImportSerializer(ImportOptionsSerializer):
    """CSV, or a workbook (XLSX), with a header: phone and others, see ``mapping``; the rest become attributes."""

    file = serializers.FileField()


class ImportSerializer(serializers.ModelSerializer[ClientImport]):
    """An import and what became of its rows: ``rows = added + changed + unchanged + refused`` once it has finished."""

    detail = Sentence(read_only=True)

    class Meta:
        model = ClientImport
        fields = [
            "id", "state", "progress", "filename", "dry_run", "rows", "added", "changed", "unchanged", "refused",
            "detail", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class RefusalSerializer(serializers.ModelSerializer[ImportRow]):
    """A row that was not taken over."""

    error = Sentence(read_only=True)

    class Meta:
        model = ImportRow
        fields = ["line", "error"]


class ImportReportSerializer(ImportSerializer):
    """An import with the first rows that were refused."""

    refusals = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "refusals"]
        read_only_fields = fields

    @extend_schema_field(RefusalSerializer(many=True))
    def get_refusals(self, client_import: ClientImport) -> Any:
        """By line."""
        refused = client_import.staged.exclude(error="").only("line", "error")
        return RefusalSerializer(refused[:REFUSALS_SHOWN], many=True).data


class CsvRenderer(JSONRenderer):
    """Lets a caller ask for CSV, which is streamed and rendered by nobody; an error is JSON all the same."""

    media_type = "text/csv"


class ImportViewSet(ReadOnlyModelViewSet[ClientImport]):
    """Files of clients. A known phone is updated: tags are added, attributes merged, what is left out stays."""

    queryset = ClientImport.objects.all()
    lookup_value_converter = "int"
    parser_classes = [MultiPartParser]
    filter_backends = []

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """What is sent, a row, and the report differ."""
        if self.action == "create":
            return NewImportSerializer
        return ImportReportSerializer if self.action == "retrieve" else ImportSerializer

    @extend_schema(
        parameters=[ImportOptionsSerializer],
        request={"multipart/form-data": NewImportSerializer},
        responses={202: ImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Hand in a file. A bad row is refused with its line and stops nothing."""
        asked = self.get_serializer(
            data=dict(request.query_params.items()) | dict(cast("Mapping[str, Any]", request.data).items())
        )
        asked.is_valid(raise_exception=True)
        wish = asked.validated_data
        client_import = take_in(wish["file"], options(wish), cast(User, request.user))
        address = reverse("client-import-detail", [client_import.pk], request=request)
        return Response(ImportSerializer(client_import).data, status=202, headers={"Location": address})

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    @action(detail=True, url_path="errors.csv", renderer_classes=[JSONRenderer, CsvRenderer])
    def errors(self, request: Request, pk: int) -> StreamingHttpResponse:
        """The rows that were refused, each with its line, the reason, and its cells as they stand in the file.

        Cells that a spreadsheet would run as a formula are defused. The list may be corrected and handed in again.
        """
        pieces = errors_csv(self.get_object(), translated)
        answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{pk}-errors.csv"'
        return answer


def take_in(upload: "UploadedFile[bytes]", wish: Options, user: User) -> ClientImport:
    """Keep an upload and ring for it. Raises ValidationError where it is of no use."""
    try:
        kept = keep(upload.chunks(PIECE), upload.name or "", wish, user)
    except UnreadableFile as error:
        code = "unreadable_file" if error.field == "file" else "unknown_column"
        raise serializers.ValidationError({error.field: str(error)}, code=code) from None
    ring_import(kept.pk)
    return kept
