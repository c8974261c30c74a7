from typing import IO, Any, cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from soroka.api.fields import Flag
from soroka.imports.read import UnreadableFile
from soroka.imports.stage import stage
from soroka.models import ClientImport, ImportRow
from soroka.tasks import ring_import

REFUSALS_SHOWN = 100


class ImportOptionsSerializer(serializers.Serializer[dict[str, Any]]):
    """How the file is to be read."""

    create_missing_tags = Flag(default=True, help_text="false: refuse the rows that name a tag nobody knows.")


class NewImportSerializer(serializers.Serializer[dict[str, Any]]):
    """CSV in UTF-8 with a header: phone, operator_code, tags, timezone; other columns become attributes."""

    file = serializers.FileField()


class ImportSerializer(serializers.ModelSerializer[ClientImport]):
    """An import and what became of its rows: ``rows = added + changed + unchanged + refused`` once it has finished."""

    class Meta:
        model = ClientImport
        fields = [
            "id", "state", "filename", "rows", "added", "changed", "unchanged", "refused", "detail", "created_at",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class RefusalSerializer(serializers.ModelSerializer[ImportRow]):
    """A row that was not taken over."""

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
        return RefusalSerializer(client_import.staged.exclude(error="")[:REFUSALS_SHOWN], many=True).data


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
        options = ImportOptionsSerializer(data=request.query_params.dict())
        options.is_valid(raise_exception=True)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        client_import = take_in(asked.validated_data["file"], cast(User, request.user), **options.validated_data)
        address = reverse("client-import-detail", [client_import.pk], request=request)
        return Response(ImportSerializer(client_import).data, status=202, headers={"Location": address})


def take_in(upload: "UploadedFile[bytes]", user: User, *, create_missing_tags: bool) -> ClientImport:
    """Stage an upload and ring for it. Raises ValidationError where its header is of no use."""
    file = cast(IO[bytes], upload.file)
    try:
        staged = stage(file, filename=upload.name or "", create_missing_tags=create_missing_tags, user=user)
    except UnreadableFile as error:
        raise serializers.ValidationError({"file": str(error)}, code="unreadable_file") from None
    ring_import(staged.pk)
    return staged
