"""What the duty person is told of a damaged model of the laboratory's own: the shipped one judges meanwhile."""

from __future__ import annotations

from mailcase import post
from mailcase.app import App
from mailcase.models import Models


def tell(app: App, models: Models) -> bool:
    """Tell of a model that should judge and cannot, once a day; whether there is one."""
    fault = models.fault()
    if not fault:
        return False
    now = app.now()
    day = now.astimezone(app.config.calendar.zone).date().isoformat()
    details = [fault[:300], "Письма принимаются и разбираются как обычно, по модели из поставки."]
    remedy = "Восстановите файл из резервной копии или вернитесь к прежней модели: mailcase train --back"
    with app.db.tx() as tx:
        post.alarm(tx, app.config, f"model:{day}", now, ("Модель лаборатории повреждена", details, remedy))
    app.wake.send.set()
    return True
