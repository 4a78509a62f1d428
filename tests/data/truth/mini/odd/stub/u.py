import stub.pk
